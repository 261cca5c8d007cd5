import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { anyEvent, on, Subscription } from "#sequent";
import type { Database } from "../../src/database/database.ts";
import { createShop } from "../fixtures/shop/shop.ts";
import { inOrderOfEach } from "../support/brokers.ts";
import { Servers, Writers } from "../support/failover.ts";
import { testInEachRound } from "../support/rounds.ts";
import { idsInLog } from "../support/tracked-shop.ts";
import { until } from "../support/until.ts";

class Everything extends Subscription("Everything", { from: "beginning" }) {
  readonly seen: string[] = [];
  readonly handlers = [on(anyEvent, (_, { id }) => void this.seen.push(id))];
}

/** People write, a subscription follows, and the primary fails. */
async function underLoad(isSynchronous: boolean) {
  const servers = await Servers.start();
  const database = await servers.connect();
  if (isSynchronous) await servers.confirmByReplica();
  const everything = new Everything();
  const shop = createShop({ ...database, subscriptions: [everything] });
  shop.subscriptions.start();
  onTestFinished(() => shop.subscriptions.stop());
  return { servers, database, everything, writers: new Writers(shop) };
}

testInEachRound(
  "a replica is promoted under load, and nothing that was acknowledged is lost, round %i",
  async (round) => {
    const { servers, database, everything, writers } = await underLoad(true);
    await writers.more(100);
    await sleep(Math.random() * 100);
    if (round % 2 === 0) await servers.cutOff(); // whoever writes waits, and hears nothing
    const failed = performance.now();
    await servers.failOver();
    await writers.more(1);
    const ms = Math.round(performance.now() - failed);
    await writers.more(100);
    await writers.stop();
    console.log(`0 of ${writers.acknowledged.length} commands; the next one was acknowledged after ${ms} ms`);
    expect(await lost(database, writers)).toEqual([]);
    const log = await idsInLog(database);
    await until(() => log.every((id) => everything.seen.includes(id)), 20_000);
    expect(inOrderOfEach(everything.seen)).toEqual(inOrderOfEach(log));
    expect(await database.read("sequent_schema.log_epochs").pluck("epoch")).toEqual([1, 2]);
    await servers.areSame();
  },
);

testInEachRound(
  "without synchronous replication, what had not reached the replica is lost, round %i",
  async (round) => {
    const { servers, database, everything, writers } = await underLoad(false);
    await writers.more(100);
    await sleep(Math.random() * 100);
    const isCutOff = round % 2 === 1;
    if (isCutOff) {
      await servers.cutOff();
      await writers.more(100);
    }
    const before = writers.acknowledged.length;
    await servers.failOver();
    await writers.more(100);
    await writers.stop();
    const { length } = await lost(database, writers);
    if (isCutOff) expect(length).toBeGreaterThanOrEqual(100);
    const log = await idsInLog(database);
    await until(() => log.every((id) => everything.seen.includes(id)), 20_000);
    const gone = everything.seen.filter((id) => !log.includes(id)).length;
    console.log(
      `${isCutOff ? "cut off" : "in touch"}: ${length} of ${before} commands were lost, and ${gone} events that a subscription had seen`,
    );
  },
);

async function lost({ write }: Database, { acknowledged }: Writers): Promise<string[]> {
  const stored = new Set(await write("sequent_schema.commands").pluck("command_id"));
  return acknowledged.filter((id) => !stored.has(id));
}
