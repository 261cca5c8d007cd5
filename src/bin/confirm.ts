import { createInterface } from "node:readline";
import { Refused } from "./command.ts";

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Continues only if a person types this name, which nobody does by mistake. */
export async function confirm(
  what: string,
  name: string,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  const lines = createInterface(terminal);
  const answer = await new Promise<string>((resolve) => {
    lines.question(`${what}\nType ${name} to do that: `, resolve);
    lines.once("close", () => resolve("")); // Ctrl-C or Ctrl-D
  });
  lines.close();
  if (answer === "") terminal.output.write("\n");
  if (answer.trim() !== name) throw new Refused("Nothing was deleted.");
}
