import { expect, test } from "vitest";
import * as program from "../../../src/blog.ts";
import { author } from "../../support/people.ts";
import { serveTogether } from "../../support/two-builds.ts";
import { posting } from "../../support/visitor.ts";

test("who reads and writes posts does not notice that a new build replaces a view", {
  timeout: 120_000,
}, async () => {
  const { database, written } = await serveTogether({
    program,
    options: ["--import", "tsx"],
    later: { file: "./test/fixtures/blog/later-build.ts", projector: "PostProjector" },
    begin: async (database) => {
      const ben = author();
      await program.createBlog(database).commandService.executeCommands(ben);
      return posting(ben.aggregateId);
    },
  });
  const { rows } = await database.read.raw("select published_posts from view_schema.author_records");
  expect(rows).toEqual([{ published_posts: written }]);
});
