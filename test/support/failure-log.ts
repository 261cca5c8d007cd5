import { beforeEach } from "vitest";
import { createLog, type Logger } from "../../src/web/logging/log.ts";

/**
 * A log for an app under test. It is silent while tests pass, also those that want a 500. If a test fails, it prints the
 * errors behind the answers of 500 and more that this test got.
 */
export function useFailureLog(): Logger {
  let lines: string[] = [];
  beforeEach(({ onTestFailed }) => {
    lines = [];
    onTestFailed(() => {
      if (lines.length > 0) console.error(`Behind what this test got:\n${lines.join("")}`);
    });
  });
  return createLog({ level: "error", pretty: true, write: (line) => lines.push(line) });
}
