import { tmpdir } from "node:os";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "../../../../tools/tutorial/acts.ts";
import { stillRunning } from "../../../../tools/tutorial/running.ts";
import { Terminal } from "../../../../tools/tutorial/terminal.ts";

const started = (...lines: string[]) =>
  lines.map((line) => `**Start** it:\n\n\`\`\`console\n$ ${line}\nready\n\`\`\`\n`).join("\n");
const runningAfter = (markdown: string) => stillRunning(actsOf(markdown)).map(({ command }) => command.line);

test("Ctrl-C stops the program that is named, or else the last one", () => {
  const two = started("npm start", "PORT=3001 npm start");
  expect(runningAfter(two)).toEqual(["npm start", "PORT=3001 npm start"]);
  expect(runningAfter(`${two}\n**Stop** the new one with Ctrl-C.`)).toEqual(["npm start"]);
  expect(runningAfter(`${two}\n**Stop** \`npm start\` with Ctrl-C.`)).toEqual(["PORT=3001 npm start"]);
});

const terminal = new Terminal(tmpdir(), 23_400, "5499");
afterEach(() => terminal.close());

test("what is exported holds for the commands after it, and only in this terminal", async () => {
  expect(await terminal.run("export NAME=Kim PGHOST=localhost")).toEqual({ code: 0, output: "" });
  expect((await terminal.run('echo "$NAME at $PGHOST:$PGPORT"')).output).toBe("Kim at localhost:5499\n");
  const second = terminal.start('echo "[$NAME]"');
  await second.ended;
  expect(second.output).toBe("[]\n");
});

test("the Postgres server of the text is another one", () => {
  expect(terminal.here("postgres://me@localhost:5432/blog at localhost:3001")).toBe(
    "postgres://me@localhost:5499/blog at localhost:23401",
  );
});

test("the log stays as it is in production", async () => {
  const line = '{"level":"info","time":"2026-11-28T19:43:01.704Z","msg":"ready"}';
  expect((await terminal.run(`NODE_ENV=production echo '${line}'`)).output).toBe(`${line}\n`);
  expect((await terminal.run(`echo '${line}'`)).output).not.toContain("{");
});
