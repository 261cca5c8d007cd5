import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { newId, PublishedLog } from "#sequent/operations";
import type { BrokerAddress } from "../../src/brokers/broker.ts";
import type { Database } from "../../src/database/database.ts";
import { createShop, type Shop } from "../fixtures/shop/shop.ts";
import { idsOf, inOrderOfEach, readFrom } from "./brokers.ts";
import { customer } from "./shop.ts";
import { until } from "./until.ts";

/** A shop that publishes its events, until the test has finished, and what its tracker logs. */
export function startTracker(
  database: Database,
  address: BrokerAddress,
  { withPersonal = false } = {},
): { readonly shop: Shop; readonly lines: string[]; stop(): Promise<void> } {
  const lines: string[] = [];
  const line = (fields: object, message: string) => {
    const { err } = fields as { err?: Error };
    lines.push(err ? `${message}: ${err.message}` : message);
  };
  const subscriptionLog = { debug: () => {}, info: line, warn: line, error: line };
  const broker = { address, source: "/shop", withPersonal };
  const shop = createShop({ ...database, broker, subscriptionLog });
  shop.subscriptions.start();
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= shop.subscriptions.stop();
    return stopping;
  };
  onTestFinished(stop);
  return { shop, lines, stop };
}

/** Stores so many customers, each with three events. */
export async function addCustomers({ commandService }: Shop, count: number): Promise<void> {
  const commands = Array.from({ length: count }, () => customer({ email: `${newId()}@example.com` }));
  await commandService.executeCommands(...commands);
}

/** Stores one customer after the other, until it is told to stop. */
export function keepAdding(shop: Shop) {
  let [goesOn, added] = [true, 0];
  const adding = (async () => {
    for (; goesOn; added += 1) {
      await addCustomers(shop, 1);
      await sleep(2);
    }
  })();
  return {
    /** Waits until so many more are stored. Gives the number of all. */
    async more(count: number, patienceMs?: number): Promise<number> {
      const enough = added + count;
      await until(() => added >= enough, patienceMs);
      return enough;
    },
    async stop(): Promise<void> {
      goesOn = false;
      await adding;
    },
  };
}

/** All events are in the stream, in order. RabbitMQ may have an event twice. */
export async function allHasCome(kind: string, address: BrokerAddress, database: Database): Promise<void> {
  const log = await idsInLog(database);
  let read: string[] = [];
  const missing = () => log.length - new Set(read).size;
  const more = () => readFrom(address, read.length + missing()).catch(() => []);
  await until(async () => {
    read = idsOf(await more());
    return missing() <= 0;
  }, 100_000);
  if (kind !== "rabbitmq") expect(read).toEqual(log);
  expect(inOrderOfEach(read)).toEqual(inOrderOfEach(log));
}

/** The ids of all events, in the order of the log. Other databases of the server can hide its end for a moment. */
export async function idsInLog({ write }: Database): Promise<string[]> {
  const count = async () => Number((await write("sequent_schema.events").count())[0]?.["count"]);
  const log = new PublishedLog(write);
  let read: string[] = [];
  await until(async () => {
    const events = await log.after(undefined, 1_000_000);
    read = events.map(({ aggregateId, sequenceNumber }) => `${aggregateId}:${sequenceNumber}`);
    return events.length === (await count());
  }, 20_000);
  return read;
}

/** As if the owner of the tracker had not renewed its lease in time. */
export async function endLease({ write }: Database): Promise<void> {
  await write("sequent_schema.subscriptions").update({
    leased_until: write.raw("clock_timestamp() - interval '1 s'"),
  });
}

/** As if the tracker had ended before it noted what it had published. */
export async function forgetPosition({ write }: Database): Promise<void> {
  await write("sequent_schema.subscriptions").update({ xact_id: "0", position: 0, epoch: 0 });
}
