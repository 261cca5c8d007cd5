import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Progress } from "../../../src/bin/progress.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

test("a terminal shows a bar with the rate and the time left", () => {
  const { out, written } = output(true);
  const progress = new Progress("Reading", "events", out);
  vi.advanceTimersByTime(2_000);
  progress.at(1_000, 4_000);
  expect(written.at(-1)).toContain(
    "Reading  ██████░░░░░░░░░░░░░░░░░░  1,000 of 4,000 events, 500/s, 6.0 s left",
  );
  vi.advanceTimersByTime(50);
  progress.at(1_001, 4_000);
  expect(written).toHaveLength(1);
  vi.advanceTimersByTime(5_950);
  progress.at(4_000, 4_000);
  progress.end();
  expect(written.join("")).toMatch(/█{24} {2}4,000 of 4,000 events, 500\/s, 8\.0 s\n$/);
});

test("in a file, a step is one line, and one more every ten seconds", () => {
  const { out, written } = output(false);
  const progress = new Progress("Reading", "events", out);
  vi.advanceTimersByTime(9_000);
  progress.at(40, 100);
  vi.advanceTimersByTime(1_000);
  progress.at(50, 100);
  vi.advanceTimersByTime(1_000);
  progress.at(150, 150);
  progress.end();
  expect(written).toEqual([
    "Reading: 50 of 100 events, 5/s, 10 s left\n",
    "Reading: 150 of 150 events, 14/s, 11 s\n",
  ]);
});

test("a step with nothing to do says nothing", () => {
  const { out, written } = output(false);
  new Progress("Reading", "events", out).end();
  expect(written).toEqual([]);
});

function output(isTTY: boolean) {
  const written: string[] = [];
  return { written, out: { isTTY, write: (text: string) => written.push(text) } };
}
