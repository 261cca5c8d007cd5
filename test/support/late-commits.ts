import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { type LogPosition, newId } from "#sequent/operations";
import type { Database } from "../../src/database/database.ts";
import { isSettled } from "../../src/framework/store/postgres/log.ts";
import { storeStatement } from "../../src/framework/store/postgres/store-statement.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { Customer } from "../fixtures/shop/customer/customer.ts";
import type { Shop } from "../fixtures/shop/shop.ts";

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

/** Sixteen at once store customers in transactions of different length, some of which end in a rollback. */
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

/** The aggregates that the log tells of, read as a consumer would: from where it was, again and again. */
export async function tail(
  { shop, database }: { readonly shop: Shop; readonly database: Database },
  writing: () => boolean,
  from?: LogPosition,
): Promise<string[]> {
  const read: string[] = [];
  let position = from;
  for (;;) {
    const last = !writing();
    const entries = await shop.eventStore.readLog(position, 50);
    position = entries.at(-1)?.position ?? position;
    read.push(
      ...entries.filter(({ event }) => event.sequenceNumber === 1).map(({ event }) => event.aggregateId),
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
