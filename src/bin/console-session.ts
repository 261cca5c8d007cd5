import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Recoverable, start } from "node:repl";
import { PassThrough } from "node:stream";
import { Refused } from "./command.ts";
import { shown } from "./console-output.ts";

type Words = Readonly<Record<string, unknown>>;

/** Another context would have other classes: its Date would not be our Date. */
const useGlobal = true;

/** A person types, until Ctrl-D. */
export async function talk(words: Words, dataDirectory: string): Promise<void> {
  const server = start({ useGlobal, terminal: true, writer: (value) => shown(value, server.useColors) });
  Object.assign(server.context, words);
  await mkdir(dataDirectory, { recursive: true }).catch(() => {});
  server.setupHistory(join(dataDirectory, "console-history"), () => {}); // it works without a history, too
  await new Promise((resolve) => server.once("exit", resolve));
}

/** Another program sends lines. Each waits for the one before it, and the first that fails is the last. */
export async function runLines(words: Words): Promise<void> {
  const evaluate = evaluator(words);
  let code = "";
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      code += `${line}\n`;
      const value = await evaluate(code);
      if (value instanceof Recoverable) continue; // the next line belongs to it
      if (value !== undefined) console.log(shown(value));
      code = "";
    }
    if (code.trim() !== "") throw new Refused(`The last lines are not complete: ${code.trim()}`);
  } catch (error) {
    console.error(shown(error));
    process.exitCode = 1;
  }
}

/** Gives the value of code as a person would type it, or a Recoverable if it is not complete. */
function evaluator(words: Words): (code: string) => Promise<unknown> {
  let fail: (error: unknown) => void = () => {};
  const server = start({
    useGlobal,
    terminal: false,
    prompt: "",
    input: new PassThrough(),
    output: new PassThrough().resume(),
    // An error after an await does not reach the caller of eval, but it is shown.
    writer(error) {
      fail(error);
      return "";
    },
  });
  Object.assign(server.context, words);
  return (code) =>
    new Promise((resolve, reject) => {
      fail = reject;
      server.eval(code, server.context, "console", (error, value: unknown) => {
        if (error && !(error instanceof Recoverable)) reject(error);
        else resolve(error ?? value);
      });
    });
}
