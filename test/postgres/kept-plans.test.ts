import { expect, test } from "vitest";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, EditPost, PublishPost } from "../../src/domain/post/commands.ts";
import { useBlog } from "../support/database.ts";

const context = useBlog({ databasePool: 1 });

test("plans that a connection made while the tables were empty read no whole table when these have grown", async () => {
  const { commandService } = context.blog;
  const author = new AddAuthor({ name: "Ben", email: "ben@example.com" });
  await commandService.executeCommands(author);
  const before = await rowsReadInPassing();
  for (let number = 0; number < 200; number += 1) {
    const post = new AddPost({ authorAggregateId: author.aggregateId, title: "Title", content: "…" });
    const { aggregateId } = post;
    await commandService.executeCommands(post);
    await commandService.executeCommands(new EditPost({ aggregateId, title: "Other", content: "…" }));
    await commandService.executeCommands(new PublishPost({ aggregateId, publicationDate: "2026-01-31" }));
  }
  expect((await rowsReadInPassing()) - before).toBeLessThan(1_000); // one look at one table by each would be 20,000
});

/** Rows that were read though nobody asked for them by their key. */
async function rowsReadInPassing(): Promise<number> {
  const { write } = context.database;
  await write.raw("select pg_stat_force_next_flush()");
  const { rows } = await write.raw(
    `select sum(seq_tup_read)::integer as read from pg_stat_user_tables
      where relname in ('commands', 'aggregates', 'aggregate_snapshots', 'events', 'post_records', 'post_revision_records')`,
  );
  return rows[0].read;
}
