import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { command, Refused, wholeNumber } from "../../../src/bin/command.ts";

const argv = process.argv;
let out: string[];
let err: string[];

beforeEach(() => {
  out = [];
  err = [];
  vi.spyOn(console, "log").mockImplementation((text) => void out.push(String(text)));
  vi.spyOn(console, "error").mockImplementation((text) => void err.push(String(text)));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.argv = argv;
  process.exitCode = undefined;
});

function called(...args: string[]): void {
  process.argv = ["node", "program", ...args];
}

test("--help explains a program, whatever other options there are", async () => {
  called("--anything", "--help");
  await command("how to use it", async () => expect.unreachable());
  expect(out).toEqual(["how to use it"]);
  expect(process.exitCode).toBeUndefined();
});

test("a program goes on if nobody reads its output, and ends with 1 if its output cannot be written", async () => {
  called();
  await command("help", async () => void process.stdout.emit("error", { code: "EPIPE" }));
  expect(process.exitCode).toBeUndefined();
  await command("help", async () => void process.stdout.emit("error", { code: "ENOSPC" }));
  expect(process.exitCode).toBe(1);
});

test("a program gets its options and its names", async () => {
  called("--batch", "10", "PostProjector", "--dry-run");
  const run = vi.fn(async () => {});
  const options = { batch: { type: "string", default: "5" }, "dry-run": { type: "boolean" } } as const;
  await command("help", run, { options, allowPositionals: true });
  expect(run.mock.calls).toMatchObject([
    [{ values: { batch: "10", "dry-run": true }, positionals: ["PostProjector"] }],
  ]);
});

test.each([["--misspelt"], ["word"], ["--batch"], ["--batch", "ten"], ["--batch", "0"]])(
  "options that it does not understand lead to the help: %s %s",
  async (...args) => {
    called(...args);
    const run = async ({ values }: { values: { batch?: string } }) =>
      void wholeNumber("--batch", values.batch ?? "1");
    await command("how to use it", run, { options: { batch: { type: "string" } } });
    expect(err.join("\n")).toMatch(args.length > 1 ? "--batch is" : `Not understood: ${args[0]}`);
    expect(err.join("\n")).toMatch("how to use it");
    expect(process.exitCode).toBe(1);
  },
);

test("a mistake of the user is one sentence, and a fault of the program has all its details", async () => {
  called();
  const fault = new Error("ours");
  await command("help", () => Promise.reject(new Refused("start it first")));
  await command("help", () => Promise.reject(fault));
  expect(err).toEqual(["start it first", expect.stringMatching(/^Error: ours\n {4}at .*command\.test\.ts/)]);
  expect(process.exitCode).toBe(1);
});
