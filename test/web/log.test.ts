import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { linesOfOneTurn } from "../../src/web/log.ts";

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
