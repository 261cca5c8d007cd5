import { afterAll, beforeAll, expect, test } from "vitest";
import { newId, StoreUnavailable } from "#sequent/operations";
import { createBlog } from "../../src/blog.ts";
import { connect, type Database } from "../../src/database/database.ts";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { authorRecords } from "../../src/projections/author-record.ts";
import { settingsOfWorker, useBlog } from "../support/database.ts";
import { DatabaseProxy } from "../support/proxy.ts";

const context = useBlog();
let proxy: DatabaseProxy;
let disturbed: Database;

beforeAll(async () => {
  const settings = await settingsOfWorker();
  proxy = await DatabaseProxy.to(settings.databaseUrl ?? "");
  disturbed = await connect({
    ...settings,
    databaseUrl: proxy.url(settings.databaseUrl ?? ""),
    databasePool: 2,
  });
});

afterAll(async () => {
  await disturbed.close();
  await proxy.close();
});

test("a database that does not answer is given up in time, and the next command finds it again", async () => {
  const { commandService } = createBlog(disturbed);
  const command = () => new AddAuthor({ name: "Ben", email: `${newId()}@example.com` });
  await commandService.executeCommands(command());

  proxy.swallow();
  const unanswered = command();
  await expect(commandService.executeCommands(unanswered)).rejects.toBeInstanceOf(StoreUnavailable);

  proxy.swallow(false);
  await commandService.executeCommands(command());
  const [again] = await commandService.executeCommands(unanswered);
  expect(again?.aggregateId).toBe(unanswered.aggregateId);
  const [stream] = await context.blog.eventStore.load([unanswered.aggregateId]);
  expect(stream?.events).toHaveLength(3);
});

test("nor is a transaction waited for, and its connection is not used again", async () => {
  const store = createBlog(disturbed).eventStore;
  const transaction = store.begin();
  await transaction.readRow(authorRecords, { aggregate_id: newId() });

  proxy.swallow();
  const unit = { commands: [], newAggregates: [], keyChanges: [], required: [], rowChanges: [] };
  await expect(transaction.commit(unit)).rejects.toBeInstanceOf(StoreUnavailable);
  await transaction.rollback();

  proxy.swallow(false);
  expect(await store.aggregateType(newId())).toBeUndefined();
});
