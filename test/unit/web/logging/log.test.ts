import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newId, ProjectorFailed } from "#sequent/operations";
import { createLog, linesOfOneTurn } from "../../../../src/web/logging/log.ts";
import { CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setImmediate"] }));
afterEach(() => void vi.useRealTimers());

test("the lines of one turn are written together", () => {
  const written: string[] = [];
  const write = linesOfOneTurn((text) => written.push(text));
  write("one\n");
  write("two\n");
  vi.runAllTimers();
  write("three\n");
  vi.runAllTimers();
  expect(written).toEqual(["one\ntwo\n", "three\n"]);
});

test("after lines that could not be written, the next ones are", () => {
  const disk = vi.fn<(text: string) => void>().mockImplementationOnce(() => {
    throw new Error("no space left on device");
  });
  const write = linesOfOneTurn(disk);
  write("lost\n");
  expect(vi.runAllTimers).toThrow("no space left");
  write("kept\n");
  vi.runAllTimers();
  expect(disk).toHaveBeenLastCalledWith("kept\n");
});

test("an error has its line with where and why a projector failed, and nothing of what the event says", () => {
  const event = CustomerNameSet.of(newId(), { name: "Zelda Quill" });
  const cause = new RangeError("Zelda Quill has no row");
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(line) });
  log.error({ err: new ProjectorFailed("CustomerProjector", event, { cause }) }, "request");
  expect(lines.join("")).toMatch(
    `CustomerProjector failed on CustomerNameSet (${event.aggregateId}, number 0): … has no row`,
  );
  expect(lines.join("")).toMatch(/"type":"RangeError","message":"… has no row"/);
  expect(lines.join("")).not.toMatch(/zelda|quill/i);
});

test("for a person, an error is followed by what caused it", () => {
  const lines: string[] = [];
  const log = createLog({ level: "info", pretty: true, write: (line) => lines.push(line) });
  log.error({ err: new TypeError("no page", { cause: new RangeError("no row") }) }, "request");
  expect(lines.join("")).toMatch(/TypeError: no page\n {4}at .*\nbecause of\nRangeError: no row\n {4}at /s);
});
