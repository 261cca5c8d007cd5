import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { closingAfter } from "../../../../tools/tutorial/closing.ts";
import { root } from "../../../support/files.ts";

test("closes once, after the work or its failure", async () => {
  const closed: string[] = [];
  const close = async () => void closed.push("closed");
  expect(await closingAfter(close, async () => closed.length)).toBe(0);
  await expect(closingAfter(close, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(closed).toHaveLength(2);
});

test.skipIf(process.platform === "win32")(
  "Ctrl-C ends the command and the programs of a terminal",
  async () => {
    const code = `
    import { closingAfter } from "./tools/tutorial/closing.ts";
    import { Terminal } from "./tools/tutorial/terminal.ts";
    const terminal = new Terminal(".", 23500);
    await closingAfter(() => terminal.close(), async () => {
      const program = terminal.start("echo $$; exec sleep 60");
      const pid = await program.until((output) => /\\d+\\n/.exec(output)?.[0], 20);
      setTimeout(() => console.log(pid), 300);
      await terminal.run("sleep 60");
    });`;
    const args = ["--import", "./src/typescript.js", "--input-type=module", "--eval", code];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const [pid] = await once(child.stdout, "data");
    process.kill(Number(pid), 0);
    child.kill("SIGINT");
    expect((await once(child, "close"))[0]).toBe(130);
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
  },
  30_000,
);
