import { expect, test } from "vitest";
import { AddAuthor } from "../../../src/domain/author/commands.ts";
import { settingsOfWorker, useBlog } from "../../support/database.ts";
import { draftBy } from "../../support/people.ts";
import { run } from "../../support/process.ts";

const context = useBlog();

test("npm run console can ask what a page can ask, in both spellings", async () => {
  const author = new AddAuthor({ name: "Ben", email: "ben@example.com" });
  const draft = draftBy(author.aggregateId);
  await context.blog.commandService.executeCommands(author, draft);
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  const lines = [
    `(await ask("AuthorById", { authorId: "${author.aggregateId}" })).name`,
    '(await ask({ type: "Authors", limit: 10 })).rows.length',
    `(await ask("PostById", { postId: "${draft.aggregateId}" })).title`,
    `await ask("PostById", { postId: "${draft.aggregateId}", readerId: newId() }) === undefined`,
  ];
  const env = { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory };
  const program = await run("src/bin/console.ts", env, undefined, [], lines.join("\n"));
  expect(await program.ended).toBe(0);
  expect(program.output()).toBe("'Ben'\n1\n'On moss'\ntrue\n");
});
