import { afterAll, beforeAll, expect, test } from "vitest";
import { emptyUnit, newId, StoreUnavailable } from "#sequent/operations";
import { connect, type Database } from "../../src/database/database.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { createShop } from "../fixtures/shop/shop.ts";
import { customerRecords } from "../fixtures/shop/views/customer-record.ts";
import { begin } from "../support/begin.ts";
import { settingsOfWorker } from "../support/database.ts";
import { DatabaseProxy } from "../support/proxy.ts";
import { useShop } from "../support/shop.ts";

const context = useShop();
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

test("a command gives up in time on a database that does not answer, and the next command finds it again", async () => {
  const { commandService } = createShop(disturbed);
  const command = () => new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
  await commandService.executeCommands(command());

  proxy.swallow();
  const unanswered = command();
  await expect(commandService.executeCommands(unanswered)).rejects.toBeInstanceOf(StoreUnavailable);

  proxy.swallow(false);
  await commandService.executeCommands(command());
  const [again] = await commandService.executeCommands(unanswered);
  expect(again?.aggregateId).toBe(unanswered.aggregateId);
  const [stream] = await context.shop.eventStore.load([unanswered.aggregateId]);
  expect(stream?.events).toHaveLength(3);
});

test("a transaction gives up in time, too, and its connection is not used again", async () => {
  const store = createShop(disturbed).eventStore;
  const transaction = begin(store);
  await transaction.readRow(customerRecords, { aggregate_id: newId() });

  proxy.swallow();
  await expect(transaction.commit(emptyUnit)).rejects.toBeInstanceOf(StoreUnavailable);
  await transaction.rollback();

  proxy.swallow(false);
  expect(await store.aggregateType(newId())).toBeUndefined();
});
