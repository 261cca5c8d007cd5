import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { expect, test, vi } from "vitest";
import { ConcurrentChange, newId, RecordedLog } from "#sequent/operations";
import { storeError } from "../../src/framework/store/postgres/store-error.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { PlaceOrder } from "../fixtures/shop/order/commands.ts";
import { eventTypes } from "../fixtures/shop/shop.ts";
import { storeSlowly, tail, untilSettled } from "../support/late-commits.ts";
import { useShop } from "../support/shop.ts";

const context = useShop({ databasePool: 20 });

test("a reader of the log misses no late commit, but a reader by position does", async () => {
  let writing = true;
  const writers = storeSlowly(context.database.write).finally(() => {
    writing = false;
  });
  const readers = [tail(context, () => writing), tailByPosition(() => writing)] as const;
  const stored = await writers;
  const [read, readByPosition] = await Promise.all(readers);

  expect(read).toHaveLength(new Set(read).size); // none twice
  expect([...stored].filter((id) => !read.includes(id))).toEqual([]); // none missed
  expect(read).toHaveLength(stored.size);
  expect(readByPosition.length).toBeLessThan(stored.size); // the control: this reader misses events
});

test("a transaction that continues events of a later transaction is refused, and succeeds when it runs again", async () => {
  const { commandService } = context.shop;
  const { read: replica, write } = context.database;
  const log = new RecordedLog(replica, eventTypes);
  const customer = new AddCustomer({ name: "Ada", email: `${newId()}@example.com` });
  await commandService.executeCommands(customer);
  const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "One", note: "Text" });

  const early = await write.transaction();
  await early.raw("select pg_current_xact_id()");
  await commandService.executeCommands(order);
  const insertNext = (knex: Knex) =>
    knex.raw(
      `insert into sequent_schema.events
         (aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at)
       select aggregate_id, max(sequence_number) + 1, 'OrderAddressChanged', 0, '{"address": "Two"}', ?, now()
         from sequent_schema.events where aggregate_id = ? group by aggregate_id`,
      [order.commandId, order.aggregateId],
    );
  const refusal = await insertNext(early).catch((error: unknown) => error);
  expect(storeError(refusal)).toBeInstanceOf(ConcurrentChange); // so the command service tries again
  await early.rollback();
  await write.transaction(insertNext);

  const read = await vi.waitFor(async () => {
    const { aggregateId } = order;
    const entries = await log.after(undefined, 10_000, { aggregateId, isSettled: true });
    const numbers = entries.map(({ sequenceNumber }) => sequenceNumber);
    expect(numbers).toContain(5);
    return numbers;
  }, untilSettled);
  expect(read).toEqual([1, 2, 3, 4, 5]);
});

async function tailByPosition(writing: () => boolean): Promise<string[]> {
  const read: string[] = [];
  let position = "0";
  for (;;) {
    const last = !writing();
    const { rows } = await context.database.read.raw(
      "select aggregate_id, sequence_number, position from sequent_schema.events where position > ? order by position",
      [position],
    );
    position = rows.at(-1)?.position ?? position;
    for (const row of rows) if (row.sequence_number === 1) read.push(row.aggregate_id);
    if (rows.length === 0 && last) return read;
    await sleep(2);
  }
}
