import { expect, onTestFinished, test } from "vitest";
import { StoreUnavailable, ViewNotLive } from "#sequent/operations";
import { createBlog } from "../../../src/blog.ts";
import { connect } from "../../../src/database/database.ts";
import { settingsOfWorker, useBlog } from "../../support/database.ts";

const context = useBlog();

test("a query that waits too long for a lock is unavailable for now, and no lost race", async () => {
  const database = await connect({ ...(await settingsOfWorker()), databasePool: 1 });
  onTestFinished(() => database.close());
  await database.read.raw("set lock_timeout = 50");
  await context.database.write.transaction(async (transaction) => {
    await transaction.raw("lock table view_schema.post_records in access exclusive mode");
    const answer = createBlog(database).queries.ask({ type: "PublishedPosts", limit: 10 });
    await expect(answer).rejects.toBeInstanceOf(StoreUnavailable);
  });
});

test("a query of a view that does not exist yet is unavailable, and the error says why", async () => {
  await context.database.write.raw("alter table view_schema.post_records rename to post_records_of_later");
  await context.database.write.raw(
    "update sequent_schema.projector_states set version = version + 1 where projector = 'PostProjector'",
  );
  const answer = context.blog.queries.ask({ type: "PublishedPosts", limit: 10 });
  await expect(answer).rejects.toThrow(ViewNotLive);
  await expect(answer).rejects.toThrow(/not those of this build: .*post_records/);
  await context.database.write.raw("alter table view_schema.post_records_of_later rename to post_records");
  await context.database.write.raw(
    "update sequent_schema.projector_states set version = version - 1 where projector = 'PostProjector'",
  );
});
