import { expect, test, vi } from "vitest";
import { AggregateRoot } from "#sequent";
import { deleteAllSnapshots, deleteOutdatedSnapshots, takeDueSnapshots } from "#sequent/operations";
import { AddCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder } from "../../../fixtures/shop/order/commands.ts";
import { Order } from "../../../fixtures/shop/order/order.ts";
import { createShop, eventTypes } from "../../../fixtures/shop/shop.ts";
import { useShop } from "../../../support/shop.ts";

const context = useShop();

/** An order that needs a snapshot after a few events, so that a test can wait for it. */
class EagerOrder extends AggregateRoot("Order") {
  static readonly snapshots = { every: 6, version: 7 };
  readonly handlers = [];
}

/** The number of events of each order: 4, and one for each edit. */
async function orders(...edits: number[]): Promise<string[]> {
  const { commandService } = context.shop;
  const customer = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  await commandService.executeCommands(customer);
  const ids = [];
  for (const times of edits) {
    const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "Here", note: "…" });
    await commandService.executeCommands(order);
    const { aggregateId } = order;
    for (let time = 0; time < times; time += 1)
      await commandService.executeCommands(new ChangeOrder({ aggregateId, address: `${time}`, note: "…" }));
    ids.push(aggregateId);
  }
  return ids;
}

const take = (more: Partial<Parameters<typeof takeDueSnapshots>[1]> = {}) =>
  takeDueSnapshots(context.database.patient, { aggregates: [EagerOrder], eventTypes, ...more });

async function snapshots(): Promise<Record<string, [version: number, number: number]>> {
  const { rows } = await context.database.write.raw("select * from sequent_schema.aggregate_snapshots");
  return Object.fromEntries(
    rows.map((row: Record<string, unknown>) => [
      row["aggregate_id"],
      [row["snapshot_version"], row["sequence_number"]],
    ]),
  );
}

test("all snapshots that are due are taken, and no others", async () => {
  const [, second = "", third = ""] = await orders(1, 2, 5);
  const progress: [number, number][] = [];
  const result = await take({ onProgress: (done, total) => progress.push([done, total]) });
  expect(result).toEqual({ taken: 2, errors: [] });
  expect(await snapshots()).toEqual({ [second]: [7, 6], [third]: [7, 9] });
  expect(progress.at(-1)).toEqual([2, 2]);
  const onProgress = vi.fn();
  expect(await take({ onProgress })).toEqual({ taken: 0, errors: [] });
  expect(onProgress).not.toHaveBeenCalled();
});

test("a snapshot of another version does not count", async () => {
  const [id = ""] = await orders(2);
  const snapshot = { aggregateId: id, snapshotVersion: 6, sequenceNumber: 6, state: {} };
  await context.shop.eventStore.storeSnapshot(snapshot);
  expect(await take()).toMatchObject({ taken: 1 });
});

test("two runs at once do not harm each other", async () => {
  await orders(3, 3, 3, 3, 3);
  const results = await Promise.all([take(), take()]);
  expect(results.flatMap(({ errors }) => errors)).toEqual([]);
  expect(Object.values(await snapshots())).toEqual(Array.from({ length: 5 }, () => [7, 7]));
});

test("one failure does not prevent the other snapshots", async () => {
  const [first = "", second = ""] = await orders(2, 2);
  await context.database.write.raw(
    `alter table sequent_schema.events disable trigger user;
     update sequent_schema.events set payload = '{}' where aggregate_id = '${first}' and sequence_number = 3;
     alter table sequent_schema.events enable trigger user`,
  );
  const { taken, errors } = await take();
  expect(taken).toBe(1);
  expect(errors).toMatchObject([{ name: "Error", event: { aggregateId: first, sequenceNumber: 3 } }]);
  expect(Object.keys(await snapshots())).toEqual([second]);
});

test("after a stop, the rest is left for the next time", async () => {
  await orders(2, 2, 2, 2, 2);
  const stop = new AbortController();
  const stopped = await take({ signal: stop.signal, onProgress: () => stop.abort() });
  expect(stopped.taken).toBe(2);
  expect(await take()).toMatchObject({ taken: 3 });
});

test("older versions than those of the program are deleted, and later ones are not", async () => {
  const [id = ""] = await orders(0);
  const { eventStore } = context.shop;
  for (const snapshotVersion of [6, 7, 8])
    await eventStore.storeSnapshot({ aggregateId: id, snapshotVersion, sequenceNumber: 1, state: {} });
  expect(await deleteOutdatedSnapshots(context.database.patient, [EagerOrder])).toBe(1);
  expect((await eventStore.load([id], { snapshotVersion: 6 }))[0]?.snapshot).toBeUndefined();
  expect((await eventStore.load([id], { snapshotVersion: 8 }))[0]?.snapshot).toBeDefined();
  expect(await deleteOutdatedSnapshots(context.database.patient, [])).toBe(2);
});

test("without snapshots, everything works as before", async () => {
  const [id = ""] = await orders(120);
  const { snapshots: taker, commandService } = createShop(context.database);
  await taker.idle();
  await context.shop.snapshots.idle();
  expect(Object.keys(await snapshots())).toEqual([id]);
  expect(await deleteAllSnapshots(context.database.patient)).toBe(1);
  await commandService.executeCommands(new ChangeOrder({ aggregateId: id, address: "Last", note: "…" }));
  await taker.idle();
  expect(await snapshots()).toEqual({ [id]: [Order.snapshots.version, 125] });
});
