import { expect, onTestFinished, test } from "vitest";
import { type LogPosition, type RecordedEvent, RecordedLog } from "#sequent/operations";
import { connect } from "../../../../src/database/database.ts";
import { ChangeOrder, PlaceOrder } from "../../../fixtures/shop/order/commands.ts";
import { createShop, eventTypes } from "../../../fixtures/shop/shop.ts";
import { settingsOfWorker } from "../../../support/database.ts";
import { untilSettled } from "../../../support/late-commits.ts";
import { customer, recreateShop, useShop } from "../../../support/shop.ts";

const context = useShop();
const log = () => new RecordedLog(context.database.read, eventTypes);
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

async function readLog(after: LogPosition | undefined, count: number): Promise<RecordedEvent[]> {
  let read: RecordedEvent[] = [];
  await expect
    .poll(async () => {
      read = await log().after(after, 100, { isSettled: true });
      return read.length;
    }, untilSettled)
    .toBe(count);
  return read;
}

async function epochOfLastEvent(): Promise<number> {
  const { rows } = await raw("select max(epoch) as epoch from sequent_schema.events");
  return rows[0].epoch;
}

test("events of a copy of the files that counted further than this server belong to an earlier epoch", async () => {
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
  expect(entry?.sequenceNumber).toBe(5);
});

test("a session looks up its epoch again after the tables were replaced", async () => {
  await givenOrder();
  await recreateShop(context.database);
  await raw("insert into sequent_schema.log_epochs (epoch, cluster) values (4, 'elsewhere')");
  await givenOrder();
  expect(await epochOfLastEvent()).toBe(5);
});

test("a position of no log is refused, because reading on from it could skip events", async () => {
  await expect(log().after("4711:42", 10)).rejects.toThrow('"4711:42" is not a position');
});
