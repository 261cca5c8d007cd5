import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Refused } from "../../../src/bin/command.ts";
import { confirm } from "../../../src/bin/confirm.ts";

/** What a person answers, and what they are asked. */
async function answered(text: string): Promise<string> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(text);
  await confirm("This deletes 3 events.", "kiosk", { input, output });
  return String(output.read());
}

test("a person who types the name goes on", async () => {
  expect(await answered(" kiosk \n")).toBe("This deletes 3 events.\nType kiosk to do that: ");
});

test.each(["y\n", "kiosks\n", "\n", ""])("nothing is deleted after another answer: %j", async (text) => {
  await expect(answered(text)).rejects.toThrow(new Refused("Nothing was deleted."));
});
