import { describe, expect, onTestFinished, test } from "vitest";
import { Unavailable } from "#sequent";
import { PublishedLog } from "#sequent/operations";
import { BrokerUnavailable } from "../../src/brokers/broker.ts";
import { Tracker } from "../../src/brokers/tracker.ts";
import { eventTypes } from "../fixtures/shop/shop.ts";
import { brokers, dropTopic } from "../support/broker-servers.ts";
import { eventsOf, idsOf, inOrderOfEach, ownTopic, publisherOf, readFrom } from "../support/brokers.ts";
import { settingsOfWorker } from "../support/database.ts";
import { run } from "../support/process.ts";
import { onShop, useShop } from "../support/shop.ts";
import { addCustomers, forgetPosition, idsInLog, startTracker } from "../support/tracked-shop.ts";
import { until } from "../support/until.ts";

const used = useShop();

describe.each(brokers)("$name", ({ url, name }) => {
  const isExact = name !== "RabbitMQ";

  test("every event is published, in order, without what is personal", async () => {
    const address = ownTopic(url);
    const { shop } = startTracker(used.database, address);
    await addCustomers(shop, 200);
    const read = await readFrom(address, 600);
    const log = await idsInLog(used.database);
    if (isExact) expect(idsOf(read)).toEqual(log);
    expect(inOrderOfEach(idsOf(read))).toEqual(inOrderOfEach(log));
    const named = read.find(({ event }) => event.type === "CustomerNameSet")?.event;
    expect(named).toMatchObject({
      source: "/shop",
      aggregatetype: "Customer",
      aggregatesequence: 2,
      data: {},
    });
    expect(named?.data).not.toHaveProperty("name");
  });

  test("what is personal is published where a setting says so", async () => {
    const address = ownTopic(url);
    const { shop } = startTracker(used.database, address, { withPersonal: true });
    await addCustomers(shop, 1);
    const [, named] = await readFrom(address, 3);
    expect(named?.event.data).toEqual({ name: "Ben" });
  });

  test("the next owner goes on where the stream ends, even if the position was not noted", async () => {
    const address = ownTopic(url);
    const first = startTracker(used.database, address);
    await addCustomers(first.shop, 100);
    await readFrom(address, 300);
    await first.stop();
    if (isExact) await forgetPosition(used.database);
    const second = startTracker(used.database, address);
    await addCustomers(second.shop, 1);
    const read = idsOf(await readFrom(address, 303));
    expect(new Set(read)).toEqual(new Set(await idsInLog(used.database)));
    if (isExact) expect(read).toEqual(await idsInLog(used.database));
  });

  test.runIf(isExact)(
    "an owner that has lost its lease, and does not know it, publishes nothing twice",
    async () => {
      const address = ownTopic(url);
      const { shop, stop } = startTracker(used.database, ownTopic(url));
      await addCustomers(shop, 30);
      await stop();
      await idsInLog(used.database);
      const store = new PublishedLog(used.database.write);
      const events = await store.after(undefined, 90);
      const end = new AbortController();
      onTestFinished(() => end.abort());
      const owner = (fence: string) => {
        const tracker = new Tracker({ address, source: "/shop", withPersonal: false, store, eventTypes });
        return (from: number, to: number) =>
          tracker.page(events.slice(from, to), { fence, signal: end.signal });
      };
      const [old, next] = [owner("1"), owner("2")];
      await old(0, 30);
      await next(30, 60);
      await old(30, 90).catch((error) => {
        expect(error).toBeInstanceOf(Unavailable); // refused; now it asks the broker
        return old(30, 90);
      });
      const ids = events.map(({ aggregateId, sequenceNumber }) => `${aggregateId}:${sequenceNumber}`);
      expect(idsOf(await readFrom(address, 90))).toEqual(ids);
    },
  );

  test("of several servers, one that answers is taken", async () => {
    const { topic } = ownTopic(url);
    const dead = `${new URL(url).protocol}//127.0.0.1:1`;
    for (const urls of [`${dead},${url}`, `${url},${dead}`, `${dead},${dead},${url}`])
      expect(await (await publisherOf({ url: urls, topic })).last()).toBe("none");
    await expect(publisherOf({ url: `${dead},${dead}`, topic })).rejects.toThrow(BrokerUnavailable);
  });

  test("an owner asks the broker again in a new epoch, because the database may have lost what it published", async () => {
    const address = ownTopic(url);
    const { shop, stop } = startTracker(used.database, ownTopic(url));
    await addCustomers(shop, 2);
    await stop();
    await idsInLog(used.database);
    const { write } = used.database;
    const store = new PublishedLog(write);
    const events = await store.after(undefined, 6);
    const tracker = new Tracker({ address, source: "/shop", withPersonal: false, store, eventTypes });
    const end = new AbortController();
    onTestFinished(() => end.abort());
    const delivery = { fence: "1", signal: end.signal };
    await tracker.page(events, delivery);
    const [first, last] = [events.at(0), events.at(-1)];
    if (!first || !last) throw new Error("there are no events");
    await write.raw("alter table sequent_schema.events disable trigger user");
    await write("sequent_schema.events").where({ aggregate_id: last.aggregateId }).delete();
    await write.raw("alter table sequent_schema.events enable trigger user");
    const inNextEpoch = { ...first, position: first.position.replace(/^\d+/, "9") };
    await expect(tracker.page([inNextEpoch], delivery)).rejects.toThrow("which is not in this database");
  });

  test("if the broker has lost everything, it gets everything again", async () => {
    const address = ownTopic(url);
    const { shop, lines } = startTracker(used.database, address);
    await addCustomers(shop, 100);
    await readFrom(address, 300);
    await dropTopic(address);
    await addCustomers(shop, 1);
    await until(() => lines.includes("published what the broker did not have"), 20_000);
    const read = idsOf(await readFrom(address, 303));
    expect(inOrderOfEach(read)).toEqual(inOrderOfEach(await idsInLog(used.database)));
  });

  test("a stream that ends with an event of somebody else is refused, with what to do", async () => {
    const address = ownTopic(url);
    const publisher = await publisherOf(address);
    await publisher.last();
    await publisher.publish(eventsOf("0198c2d4-1f00-7a00-8000-0123456789ab", 1, 2));
    const { shop, lines } = startTracker(used.database, address);
    await addCustomers(shop, 1);
    await until(() => lines.some((line) => line.startsWith("subscription waits after an error")), 20_000);
    expect(lines.join()).toMatch(
      /ends with LetterSent .*:2, which is not in this database.*npm run tracker -- --from/,
    );
    expect(await readFrom(address, 2)).toHaveLength(2);
  });

  test.runIf(name === "NATS")(
    "npm run tracker -- --from publishes again, and a tracker that runs goes on after it",
    async () => {
      const address = ownTopic(url);
      const { shop, stop } = startTracker(used.database, address);
      await addCustomers(shop, 2);
      const before = idsOf(await readFrom(address, 6));
      const [, , third = ""] = await idsInLog(used.database);
      const { databaseUrl: DATABASE_URL } = await settingsOfWorker();
      const env = { DATABASE_URL, BROKER_URL: url, BROKER_TOPIC: address.topic };
      const again = await run("src/bin/tracker.ts", env, onShop, ["--from", third]);
      expect(await again.ended).toBe(0);
      expect(again.output()).toContain("Published 4 events once more.");
      await addCustomers(shop, 1);
      const read = idsOf(await readFrom(address, 13));
      const log = await idsInLog(used.database);
      expect(read.slice(0, 6)).toEqual(before);
      if (isExact) expect(read.slice(6)).toEqual(log.slice(2));
      expect(new Set(read.slice(6))).toEqual(new Set(log.slice(2)));
      await stop();
    },
  );
});
