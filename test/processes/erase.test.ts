import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AddAuthor, EraseAuthor } from "../../src/domain/author/commands.ts";
import { AddPost } from "../../src/domain/post/commands.ts";
import { type BaseCommand, newId } from "../../src/framework/index.ts";
import { settingsOfWorker, useBlog } from "../support/database.ts";
import { run } from "../support/process.ts";

const context = useBlog();

async function given(...commands: readonly BaseCommand[]): Promise<void> {
  for (const command of commands) await context.blog.commandService.executeCommands(command);
}

async function erase(...args: readonly string[]): Promise<{ code: number | string; output: string }> {
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  const env = { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory };
  const program = await run("src/bin/erase.ts", env, undefined, args);
  return { code: await program.ended, output: program.output() };
}

const zelda = () => new AddAuthor({ name: "Zelda Quill", email: "zelda@quill.example" });

test("npm run erase erases an author and prints a certificate; a dry run only says what there is", async () => {
  const author = zelda();
  await given(author);
  const id = author.aggregateId;
  const dry = await erase("author", id, "--dry-run");
  expect(dry).toMatchObject({
    code: 0,
    output: expect.stringContaining("2 events and 1 command. Nothing was changed."),
  });
  const done = await erase("author", id, "--by", "ann", "--reason", "asked for it");
  expect(done.output).toMatch(/^Erased author .*: 2 events and 1 command\.$/m);
  expect(done.output).toMatch(/^ {2}sequent_schema\.events: 4 rows, 0 found$/m);
  expect(done.output).toMatch(/^\d+ tables, \d+ rows\. Found nowhere\.$/m);
  expect(done.code).toBe(0);
  expect((await erase("author", id)).output).toContain("Nothing personal was left");
  const { output } = await erase("--list");
  expect(JSON.parse(output)).toMatchObject({ kind: "author", id, by: "ann", reason: "asked for it" });
});

test("npm run erase ends with 1 and says where, if something is left for a person to decide", async () => {
  const author = zelda();
  const post = new AddPost({
    authorAggregateId: author.aggregateId,
    title: "On me",
    content: "I am Zelda Quill.",
  });
  await given(author, post);
  const { code, output } = await erase("author", author.aggregateId);
  expect(code).toBe(1);
  expect(output).toContain(`view_schema.post_records aggregate_id=${post.aggregateId}: content`);
  expect(output).toContain("Somebody has to look there and decide.");
  expect(await erase("--search", "Zelda Quill")).toMatchObject({ code: 1 });
  expect(await erase("--search", "Nobody At All")).toMatchObject({ code: 0 });
});

test("npm run erase -- --reapply finishes what was stopped, and does again what a restored backup does not know", async () => {
  const [stopped, restored] = [zelda(), new AddAuthor({ name: "Ida Finch", email: "ida@finch.example" })];
  await given(stopped, restored, new EraseAuthor({ aggregateId: stopped.aggregateId, by: "ann" }));
  expect((await erase("--reapply")).output).toMatch(/^1 of 1 erasures were left to do\.$/m);
  expect((await erase("--reapply")).output).toMatch(/^0 of 1 erasures were left to do\.$/m);

  const directory = await mkdtemp(join(tmpdir(), "sequent-blog-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const list = join(directory, "list.jsonl");
  const line = (id: string) => JSON.stringify({ kind: "author", id, by: "ann", reason: "asked for it" });
  await writeFile(list, [stopped.aggregateId, restored.aggregateId, newId()].map(line).join("\n"));
  const { output } = await erase("--reapply", list);
  expect(output).toContain(`Erased author ${restored.aggregateId}: 2 events and 1 command.`);
  expect(output).toMatch(/There is no author .* Skipped\./);
  expect(output).toMatch(/^2 of 3 erasures were left to do\.$/m);
});

test.each([
  [[], 'Say whom to erase, as in "author <id>".'],
  [["author"], "The id of the author is missing: it is in the address of their page."],
  [["author", "Ada"], '"Ada" is not an id'],
  [["author", newId()], "There is no author"],
  [["post", newId()], "Say whom to erase"],
  [["--search", " "], "Say what to search for."],
  [["--reapply", "nowhere.jsonl"], "is not a list of erasures"],
])("npm run erase says what is wrong with %j", async (args, message) => {
  expect(await erase(...args)).toMatchObject({ code: 1, output: expect.stringContaining(message) });
});
