import { expect, test } from "vitest";
import { settingsOfWorker, useBlog } from "../support/database.ts";
import { author } from "../support/people.ts";
import { run } from "../support/process.ts";

const context = useBlog();

test.each(["src/server.ts", "src/bin/migrate.ts", "src/bin/seed.ts"])(
  "%s says which projector fails on which event, and nothing of what the event says",
  async (program) => {
    const { aggregateId } = author();
    await context.blog.commandService.executeCommands(
      author({ aggregateId, name: "Zelda Quill", email: "zelda@quill.example" }),
    );
    const { databaseUrl } = await settingsOfWorker();
    const build = ["--import", "tsx", "--import", "./test/fixtures/failing-build.ts"];
    const { ended, output } = await run(program, { DATABASE_URL: databaseUrl }, build);
    expect(await ended).toBe(1);
    expect(output()).toMatch(
      `AuthorProjector failed on AuthorNameSet (${aggregateId}, number 2): … has no first name`,
    );
    expect(output()).not.toMatch(/zelda|quill/i);
  },
);
