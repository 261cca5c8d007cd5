import { expect, test } from "vitest";
import * as program from "../../../src/blog.ts";
import { serveTogether } from "../../support/two-builds.ts";
import { posting } from "../../support/visitor.ts";

test("readers and writers of posts do not notice that a new build replaces a view", {
  timeout: 120_000,
}, async () => {
  const { database, written } = await serveTogether({
    program,
    options: ["--import", "tsx"],
    later: { file: "./test/fixtures/blog/later-build.ts", projector: "PostProjector" },
    begin: async () => posting,
  });
  const { rows } = await database.read.raw(
    "select sum(published_posts)::integer as posts from view_schema.author_records",
  );
  expect(rows).toEqual([{ posts: written }]);
});
