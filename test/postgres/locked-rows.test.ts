import pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { newId, StoreUnavailable } from "#sequent/operations";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import { countStored } from "../support/database.ts";
import { useShop } from "../support/shop.ts";

const context = useShop({ databasePool: 10 });

const ship = (aggregateId: string) =>
  context.shop.commandService.executeCommands(new ShipOrder({ aggregateId, shippingDate: "2026-01-31" }));

test("a row that stays locked is no lost race: the command fails because the store is busy", async () => {
  const order = await givenOrder();
  const before = await countStored(context.database);
  const lock = await lockRowOf(order);

  const statements = vi.spyOn(pg.Client.prototype, "query");
  await expect(ship(order)).rejects.toBeInstanceOf(StoreUnavailable);
  const tries = statements.mock.calls.filter((query) => JSON.stringify(query).includes("store_unit("));
  expect(tries).toHaveLength(1);
  expect(await countStored(context.database)).toEqual(before);
  await lock.commit();
  await ship(order);
});

test("one locked row does not hold up 50 units in the same group as the unit that waits for it", async () => {
  let beside = await shipFifty();
  for (let round = 2; !beside.gathered && round <= 20; round += 1) beside = await shipFifty();
  expect(beside.gathered).toBe(true);
  expect(beside.slowest).toBeLessThan(2_000); // the unit gives up after 2,500 ms

  for (const { lock_timeout } of await settingsOfConnections()) expect(lock_timeout).toBe("2500ms");
});

/**
 * The time of the slowest of 50 units that come at the same time as one that waits for a lock, and whether that one was sent
 * with others or happened to be sent alone.
 */
async function shipFifty(): Promise<{ slowest: number; gathered: boolean }> {
  const [held = "", ...free] = await Promise.all(Array.from({ length: 51 }, givenOrder));
  const lock = await lockRowOf(held);
  const statements = vi.spyOn(pg.Client.prototype, "query");
  const started = performance.now();
  const first = free.slice(0, 4).map(ship);
  const waiting = ship(held);
  await Promise.all([...first, ...free.slice(4).map(ship)]);
  const slowest = performance.now() - started;
  const gathered = statements.mock.calls
    .map((query) => JSON.stringify(query))
    .some((query) => query.includes("set_config('lock_timeout'") && query.includes(held));
  statements.mockRestore();
  await lock.commit();
  await waiting;
  return { slowest, gathered };
}

async function lockRowOf(order: string) {
  const lock = await context.database.patient.transaction();
  onTestFinished(async () => {
    if (!lock.isCompleted()) await lock.rollback();
  });
  await lock.raw("select from view_schema.order_records where aggregate_id = ? for update", [order]);
  return lock;
}

/** What is set on each connection of the pool. */
async function settingsOfConnections(): Promise<{ lock_timeout: string }[]> {
  const { write } = context.database;
  const all = await Promise.all(Array.from({ length: 10 }, () => write.transaction())); // each has one of them
  const select = "select pg_backend_pid() as pid, current_setting('lock_timeout') as lock_timeout";
  const rows = await Promise.all(all.map(async (each) => (await each.raw(select)).rows[0]));
  await Promise.all(all.map((each) => each.rollback()));
  expect(new Set(rows.map(({ pid }) => pid)).size).toBe(10);
  return rows;
}

async function givenOrder(): Promise<string> {
  const customer = new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
  const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "Here", note: "…" });
  await context.shop.commandService.executeCommands(customer);
  await context.shop.commandService.executeCommands(order);
  return order.aggregateId;
}
