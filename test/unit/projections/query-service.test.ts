import { expect, onTestFinished, test } from "vitest";
import { StoreUnavailable } from "#sequent/operations";
import { createBlog } from "../../../src/blog.ts";
import { connect } from "../../../src/database/database.ts";
import { settingsOfWorker, useBlog } from "../../support/database.ts";

const context = useBlog();

test("a question that waits too long for a lock has no answer for now, and is no lost race", async () => {
  const database = await connect({ ...(await settingsOfWorker()), databasePool: 1 });
  onTestFinished(() => database.close());
  await database.read.raw("set lock_timeout = 50");
  await context.database.write.transaction(async (transaction) => {
    await transaction.raw("lock table view_schema.post_records in access exclusive mode");
    const answer = createBlog(database).queries.ask({ type: "PublishedPosts", limit: 10 });
    await expect(answer).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
