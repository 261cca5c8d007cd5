import { expect, onTestFinished, test } from "vitest";
import type { LogEntry, LogPosition } from "#sequent/operations";
import { connect } from "../../../../src/database/database.ts";
import { ChangeOrder, PlaceOrder } from "../../../fixtures/shop/order/commands.ts";
import { createShop } from "../../../fixtures/shop/shop.ts";
import { settingsOfWorker } from "../../../support/database.ts";
import { customer, recreateShop, useShop } from "../../../support/shop.ts";

const context = useShop();
const raw = (sql: string) => context.database.write.raw(sql);

async function givenOrder(): Promise<PlaceOrder> {
  const { commandService } = context.shop;
  const ben = customer();
  await commandService.executeCommands(ben);
  const order = new PlaceOrder({ customerAggregateId: ben.aggregateId, address: "One", note: "Text" });
  await commandService.executeCommands(order);
  return order;
}

const edit = ({ aggregateId }: PlaceOrder) => new ChangeOrder({ aggregateId, address: "Two", note: "Text" });

async function readLog(after: LogPosition | undefined, count: number): Promise<LogEntry[]> {
  let read: LogEntry[] = [];
  await expect
    .poll(async () => {
      read = await context.shop.eventStore.readLog(after, 100);
      return read.length;
    })
    .toBe(count);
  return read;
}

async function epochOfLastEvent(): Promise<number> {
  const { rows } = await raw("select max(epoch) as epoch from sequent_schema.events");
  return rows[0].epoch;
}

test("of a copy of the files that went on by itself, what it counted further than this server is an epoch that is over", async () => {
  const order = await givenOrder();
  const epoch = await epochOfLastEvent();
  await raw("alter table sequent_schema.events disable trigger user");
  await raw("update sequent_schema.events set xact_id = (xact_id::text::bigint + 1000000000)::text::xid8");
  await raw("alter table sequent_schema.events enable trigger user");
  const read = await readLog(undefined, 3 + 4);

  const restarted = await connect(await settingsOfWorker());
  onTestFinished(() => restarted.close());
  await createShop(restarted).commandService.executeCommands(edit(order));

  expect(await epochOfLastEvent()).toBe(epoch + 1);
  const [entry] = await readLog(read.at(-1)?.position, 1);
  expect(entry?.event.sequenceNumber).toBe(5);
});

test("who stored something before the tables were replaced by others looks again which epoch it is", async () => {
  await givenOrder();
  await recreateShop(context.database);
  await raw("insert into sequent_schema.log_epochs (epoch, cluster) values (4, 'elsewhere')");
  await givenOrder();
  expect(await epochOfLastEvent()).toBe(5);
});

test("a position that is of no log is refused, for going on from it could skip something", async () => {
  await expect(context.shop.eventStore.readLog("4711:42", 10)).rejects.toThrow('"4711:42" is not a position');
});
