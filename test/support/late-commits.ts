import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { type LogPosition, newId, RecordedLog } from "#sequent/operations";
import type { Database } from "../../src/database/database.ts";
import { isSettled } from "../../src/framework/store/postgres/log.ts";
import { storeStatement } from "../../src/framework/store/postgres/store-statement.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { Customer } from "../fixtures/shop/customer/customer.ts";
import { eventTypes } from "../fixtures/shop/shop.ts";

/**
 * For `vi.waitFor`, until a follower of the log can read what was stored. A transaction of another database of the server, such as
 * that of another test, holds it back while it is open.
 */
export const untilSettled = { timeout: 15_000, interval: 20 };

/** Stores a customer in a transaction that stays open. */
export async function beginToStore(knex: Knex): Promise<{ id: string; transaction: Knex.Transaction }> {
  const command = new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
  const events = Customer.add(command).takeUncommittedEvents();
  const { text, values } = storeStatement({
    commands: [{ command, cause: undefined, events }],
    newAggregates: [{ aggregateId: command.aggregateId, aggregateType: "Customer" }],
    keyChanges: [],
    required: [],
    closed: [],
    rowChanges: [],
  });
  const transaction = await knex.transaction();
  await transaction.raw(text.replace(/\$\d/g, "?"), values as string[]);
  return { id: command.aggregateId, transaction };
}

/** Sixteen writers store customers in transactions of different length. Some end in a rollback. */
export async function storeSlowly(knex: Knex): Promise<Set<string>> {
  const stored = new Set<string>();
  const write = async () => {
    for (let round = 0; round < 40; round += 1) {
      const { id, transaction } = await beginToStore(knex);
      await sleep(Math.random() * 20);
      if (Math.random() < 0.1) {
        await transaction.rollback();
      } else {
        await transaction.commit();
        stored.add(id);
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, write));
  return stored;
}

/** The aggregates in the log, read like a consumer: again and again from its last position. */
export async function tail(
  { database }: { readonly database: Database },
  writing: () => boolean,
  from?: LogPosition,
): Promise<string[]> {
  const log = new RecordedLog(database.read, eventTypes);
  const read: string[] = [];
  let position = from;
  for (;;) {
    const last = !writing();
    const entries = await log.after(position, 50, { isSettled: true });
    position = entries.at(-1)?.position ?? position;
    read.push(
      ...entries.filter(({ sequenceNumber }) => sequenceNumber === 1).map(({ aggregateId }) => aggregateId),
    );
    if (entries.length === 0) {
      if (last && (await isReadable(database))) return read;
      await sleep(2);
    }
  }
}

/** Other databases of the server can hold the readable end of the log back, for a moment. */
async function isReadable({ read }: Database): Promise<boolean> {
  const { rows } = await read.raw(
    `select not exists (select from sequent_schema.events where not ${isSettled}) as all_read`,
  );
  return rows[0].all_read;
}
