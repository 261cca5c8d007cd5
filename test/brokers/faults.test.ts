import { describe, expect, test } from "vitest";
import { type BrokerAddress, BrokerUnavailable } from "../../src/brokers/broker.ts";
import type { Database } from "../../src/database/database.ts";
import { eventsOf, idsOf, publisherOf, readFrom } from "../support/brokers.ts";
import { settingsOfWorker } from "../support/database.ts";
import { fullness } from "../support/full-brokers.ts";
import { OwnBroker } from "../support/own-broker.ts";
import { run } from "../support/process.ts";
import { rounds } from "../support/rounds.ts";
import { onShop, useShop } from "../support/shop.ts";
import {
  addCustomers,
  allHasCome,
  endLease,
  idsInLog,
  keepAdding,
  startTracker,
} from "../support/tracked-shop.ts";
import { until } from "../support/until.ts";

const used = useShop();
const topic = "shop";

describe.each(["nats", "redis"] as const)("%s", (kind) => {
  test("whatever happens to the broker, its stream is the log again, and commands do not notice", {
    timeout: 20_000 + rounds * 10_000,
  }, async () => {
    const broker = await OwnBroker.start(kind);
    const address = { url: broker.url, topic };
    const { shop } = startTracker(used.database, address);
    const adding = keepAdding(shop);
    /** Commands go on, whatever the broker does. */
    const more = () => adding.more(20);
    for (let round = 0; round <= rounds; round += 1) {
      await more();
      broker.pause();
      await more();
      broker.goOn();
      await more();
      await broker.kill();
      await more();
      await broker.start();
      await more();
      await broker.kill();
      await broker.loseEverything();
      await broker.start();
    }
    await more();
    await adding.stop();
    const log = await idsInLog(used.database);
    expect(idsOf(await readFrom(address, log.length))).toEqual(log);
  });

  test("a publisher whose broker has ended knows that it is away", async () => {
    const broker = await OwnBroker.start(kind);
    const publisher = await publisherOf({ url: broker.url, topic });
    await publisher.last();
    const letters = (number: number) => eventsOf("0198c2d4-1f00-7a00-8000-0123456789ab", number, number);
    await publisher.publish(letters(1));
    await broker.kill();
    for (const number of [2, 3])
      await expect(publisher.publish(letters(number))).rejects.toThrow(BrokerUnavailable);
  });

  // Each takes ten seconds, so one of the two brokers has to do unless rounds are asked for.
  test.runIf(kind === "redis" || rounds > 0)(
    "trackers that are killed or paused while they publish leave a stream that is the log",
    {
      timeout: 30_000 + rounds * 20_000,
    },
    async () => {
      const broker = await OwnBroker.start(kind);
      const address = { url: broker.url, topic };
      const { databaseUrl: DATABASE_URL } = await settingsOfWorker();
      const env = { DATABASE_URL, BROKER_URL: broker.url, BROKER_TOPIC: topic };
      const tracker = () => run("src/bin/tracker.ts", env, onShop);
      const { shop, stop } = startTracker(used.database, address);
      await stop(); // it only stores
      /** Stores, and waits only until the first of it is in the stream. */
      const storeAndWait = async () => {
        const { length } = await idsInLog(used.database);
        const all = addCustomers(shop, 500);
        await readFrom(address, length + 1);
        return { all };
      };
      let [running, next] = await Promise.all([tracker(), tracker()]);
      for (let round = 0; round <= rounds; round += 1) {
        let stored = await storeAndWait();
        running.child.kill("SIGSTOP");
        await stored.all;
        await endLease(used.database);
        await allIsPublished(address, used.database);
        await addCustomers(shop, 20);
        running.child.kill("SIGCONT"); // it goes on where it was, and knows nothing of the other

        stored = await storeAndWait();
        next.child.kill("SIGKILL");
        await stored.all;
        await endLease(used.database);
        await allIsPublished(address, used.database);
        if (round < rounds) next = await tracker();
        [running, next] = [next, running];
      }
      const log = await idsInLog(used.database);
      expect(idsOf(await readFrom(address, log.length))).toEqual(log);
    },
  );
});

/** These wait for limits of time, so they run only if rounds are asked for. */
describe.runIf(rounds > 0).each(["nats", "redis", "rabbitmq"] as const)("%s, in rounds", (kind) => {
  /** A shop that publishes into a broker of its own. */
  const published = async () => {
    const broker = await OwnBroker.start(kind);
    const address = { url: broker.url, topic };
    const tracker = startTracker(used.database, address);
    const everythingHasCome = () => allHasCome(kind, address, used.database);
    return { ...tracker, broker, everythingHasCome };
  };

  test("a broker that hangs for longer than anybody waits, and one that is killed, get everything afterwards", {
    timeout: rounds * 120_000,
  }, async () => {
    const { broker, shop, lines, everythingHasCome } = await published();
    for (let round = 1; round <= rounds; round += 1) {
      await addCustomers(shop, 20);
      await everythingHasCome();
      broker.pause();
      await addCustomers(shop, 20);
      await until(() => lines.splice(0).some((line) => line.includes("took longer than")), 40_000);
      broker.goOn();
      await addCustomers(shop, 20);
      await everythingHasCome();
      await broker.kill();
      await addCustomers(shop, 20);
      await broker.start();
      await everythingHasCome();
    }
  });

  test("a broker that is full takes nothing, commands do not notice, and it gets everything when it has room again", {
    timeout: rounds * 120_000,
  }, async () => {
    const { broker, shop, lines, everythingHasCome } = await published();
    for (let round = 1; round <= rounds; round += 1) {
      await addCustomers(shop, 20);
      await everythingHasCome();
      const full = fullness[kind](broker);
      await full.begin();
      await addCustomers(shop, 200);
      await until(
        () => lines.splice(0).some((line) => line.startsWith("subscription waits: what it needs is away")),
        40_000,
      );
      await addCustomers(shop, 20);
      await full.end();
      await everythingHasCome();
    }
  });
});

async function allIsPublished(address: BrokerAddress, database: Database): Promise<void> {
  const log = await idsInLog(database);
  expect(idsOf(await readFrom(address, log.length))).toEqual(log);
}
