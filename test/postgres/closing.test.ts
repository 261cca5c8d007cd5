import { expect, onTestFinished, test } from "vitest";
import { AggregateClosed, type BaseCommand } from "#sequent";
import { emptyUnit, newId, type RecordedEvent, RecordedLog } from "#sequent/operations";
import { storeStatement } from "../../src/framework/store/postgres/store-statement.ts";
import { AddCustomer, EraseCustomer } from "../fixtures/shop/customer/commands.ts";
import { CustomerErased } from "../fixtures/shop/customer/events.ts";
import { PlaceOrder } from "../fixtures/shop/order/commands.ts";
import { OrderCustomerSet } from "../fixtures/shop/order/events.ts";
import { eventTypes } from "../fixtures/shop/shop.ts";
import { useShop } from "../support/shop.ts";

const context = useShop({ databasePool: 20 });

const execute = (...commands: BaseCommand[]) => context.shop.commandService.executeCommands(...commands);
const placeOrder = (customerAggregateId: string) =>
  new PlaceOrder({ customerAggregateId, address: "Here", note: "…" });
const erase = (aggregateId: string) => new EraseCustomer({ aggregateId, by: "ann" });

async function givenCustomer(): Promise<string> {
  const aggregateId = newId();
  await execute(new AddCustomer({ aggregateId, name: "Ben", email: `${aggregateId}@example.com` }));
  return aggregateId;
}

test("a reference during a closing is stored before the closing or refused, 200 times", async () => {
  const outcomes = { stored: 0, refused: 0 };
  for (let round = 0; round < 200; round += 1) {
    const customer = await givenCustomer();
    const commands = Array.from({ length: 8 }, () => placeOrder(customer));

    const results = await Promise.allSettled(
      [...commands.slice(4), erase(customer), ...commands.slice(0, 4)].map((command) => execute(command)),
    );

    const refused = results.filter((result) => result.status === "rejected");
    for (const { reason } of refused) expect(reason).toBeInstanceOf(AggregateClosed);
    outcomes.refused += refused.length;
    outcomes.stored += results.length - refused.length;
    expect(results[4]?.status).toBe("fulfilled");
    await expect(execute(placeOrder(customer))).rejects.toThrow(AggregateClosed);
  }
  expect(outcomes.refused).toBeGreaterThan(0);
  expect(outcomes.stored).toBeGreaterThan(200);
  const log = new RecordedLog(context.database.read, eventTypes);
  expect(afterClosing(await log.after(undefined, 100_000))).toEqual([]);
});

/** Aggregates that were referred to after their closing. */
function afterClosing(log: readonly RecordedEvent[]): string[] {
  const closed = new Set<string>();
  const late: string[] = [];
  for (const { type, aggregateId, payload } of log) {
    const customer = String(payload["customerAggregateId"]);
    if (type === CustomerErased.type) closed.add(aggregateId);
    if (type === OrderCustomerSet.type && closed.has(customer)) late.push(customer);
  }
  return late;
}

/** A unit of work of somebody else, stored but not yet committed. */
async function halfWay(command: BaseCommand, unit: { required?: string; closed?: string }) {
  const transaction = await context.database.write.transaction();
  const { required, closed } = unit;
  const { text, values } = storeStatement({
    ...emptyUnit,
    commands: [{ command, cause: undefined, events: [] }],
    required: required ? [{ aggregateType: "Customer", aggregateId: required }] : [],
    closed: closed ? [closed] : [],
  });
  onTestFinished(async () => {
    if (!transaction.isCompleted()) await transaction.rollback();
  });
  const connection = await transaction.client.acquireConnection();
  await connection.query({ text, values });
  return transaction;
}

/** How many wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await context.database.patient.raw(
    "select count(*)::integer from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0].count;
}

const patience = { timeout: 10_000, interval: 5 };

test("a closing waits for the units that refer to the aggregate", async () => {
  const customer = await givenCustomer();
  const referring = await halfWay(placeOrder(customer), { required: customer });
  const erasing = execute(erase(customer));
  await expect.poll(waiting, patience).toBe(1);
  await referring.commit();
  expect(await erasing).toMatchObject([{ eventCount: 1 }]);
});

test("references wait for the closing of their aggregate, but not for each other", async () => {
  const customer = await givenCustomer();
  const referring = await halfWay(placeOrder(customer), { required: customer });
  await execute(placeOrder(customer));
  await referring.commit();

  const closing = await halfWay(erase(customer), { closed: customer });
  const adding = execute(placeOrder(customer));
  const refused = expect(adding).rejects.toThrow(AggregateClosed);
  await expect.poll(waiting, patience).toBe(1);
  await closing.commit();
  await refused;
});
