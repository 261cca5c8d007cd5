import knex, { type Knex } from "knex";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type CloudEvent, Consumer, type Handler, QueueConsumer, Unavailable } from "#sequent/consumer";
import type { BrokerAddress } from "../../src/brokers/broker.ts";
import { openQueue, openReader } from "../../src/brokers/open.ts";
import { brokers, dropTopic } from "../support/broker-servers.ts";
import { eventOf, eventsOf, ownTopic, publisherOf } from "../support/brokers.ts";
import { settingsOfWorker } from "../support/database.ts";
import { until } from "../support/until.ts";

let database: Knex;

beforeAll(async () => {
  const { databaseUrl } = await settingsOfWorker("consumer");
  database = knex({ client: "pg", connection: databaseUrl });
  await database.schema.dropTableIfExists("letters");
  await database.schema.createTable("letters", (table) => {
    table.increments("place");
    table.text("id");
  });
});
beforeEach(async () => {
  for (const table of ["consumer_places", "consumer_inbox", "consumer_parked", "letters"])
    if (await database.schema.hasTable(table)) await database(table).delete();
});
afterAll(() => database.destroy());

const keep: Handler = ({ id }, trx) => trx("letters").insert({ id });
const kept = () => database("letters").orderBy("place").pluck("id");

async function consume(broker: BrokerAddress, LetterSent: Handler = keep): Promise<Consumer> {
  const consumer = new Consumer("Letters", {
    broker,
    database,
    handlers: { LetterSent },
    retriesMs: [5, 5, 50],
  });
  await consumer.start();
  onTestFinished(() => consumer.stop());
  return consumer;
}

async function publish(address: BrokerAddress, events: readonly CloudEvent[]): Promise<void> {
  const publisher = await publisherOf(address);
  await publisher.last();
  await publisher.publish(events);
}

const idsOf = (subject: string, first: number, last: number) =>
  eventsOf(subject, first, last).map(({ id }) => id);

test("several processes may start at once on an empty database, and a page of events is one line of the log", async () => {
  for (const table of ["consumer_places", "consumer_inbox", "consumer_parked"])
    await database.schema.dropTableIfExists(table);
  const address = ownTopic(brokers[0].url);
  await publish(address, eventsOf("ann", 1, 3));
  const lines: object[] = [];
  const log = { info: (fields: object) => lines.push(fields), warn() {}, error() {} };
  const consumers = Array.from({ length: 5 }, () => {
    return new Consumer("Letters", { broker: address, database, handlers: { LetterSent: keep }, log });
  });
  await Promise.all(consumers.map((consumer) => consumer.start()));
  onTestFinished(() => Promise.all(consumers.map((consumer) => consumer.stop())).then());
  await until(async () => (await kept()).length === 3);
  expect(await kept()).toEqual(idsOf("ann", 1, 3));
  await until(() => lines.length > 0);
  expect(lines.at(-1)).toEqual({ consumer: "Letters", events: expect.any(Number), last: "ann:3" });
});

describe.each(brokers)("$name", ({ url }) => {
  test("each event has its effect once and in order, also if it is published again and the consumer starts again", async () => {
    const address = ownTopic(url);
    await publish(address, eventsOf("ann", 1, 3));
    const consumer = await consume(address);
    await until(async () => (await kept()).length === 3);
    await publish(address, [...eventsOf("ann", 2, 4), { ...eventOf("ann", 5), type: "LetterRead" }]);
    await until(async () => (await kept()).length === 4);
    await consumer.stop();
    await publish(address, [...eventsOf("ann", 1, 4), eventOf("ann", 6)]);
    await consume(address);
    await until(async () => (await kept()).length >= 5);
    expect(await kept()).toEqual([...idsOf("ann", 1, 4), "ann:6"]);
  });

  test("if the broker begins again with nothing, and gets everything again, nothing has its effect twice", async () => {
    const address = ownTopic(url);
    await publish(address, eventsOf("ann", 1, 20));
    const consumer = await consume(address);
    await until(async () => (await kept()).length === 20);
    await consumer.stop();
    await dropTopic(address);
    await publish(address, eventsOf("ann", 1, 5));
    await consume(address);
    await publish(address, eventsOf("ann", 6, 22));
    await until(async () => (await kept()).length >= 22, 20_000);
    expect(await kept()).toEqual(idsOf("ann", 1, 22));
  });

  test("an event that fails parks its aggregate; the others go on, and later it catches up in order", async () => {
    const address = ownTopic(url);
    let isBroken = true;
    await publish(address, [...eventsOf("ann", 1, 3), ...eventsOf("ben", 1, 3)]);
    const consumer = await consume(address, async (event, trx) => {
      await keep(event, trx);
      if (isBroken && event.id === "ann:2") throw new Error("no stamp");
    });
    await until(async () => (await kept()).includes("ben:3"));
    expect((await kept()).sort()).toEqual(["ann:1", "ben:1", "ben:2", "ben:3"]);
    await until(async () => (await consumer.parked()).length === 2);
    const parked = await consumer.parked();
    expect(parked.map(({ event, error }) => [event.id, error])).toEqual([
      ["ann:2", "no stamp"],
      ["ann:3", "waits for an earlier event"],
    ]);
    await publish(address, [eventOf("ann", 4)]);
    await until(async () => (await consumer.parked()).length === 3);
    isBroken = false;
    await consumer.retry();
    await until(async () => (await kept()).includes("ann:4"));
    expect((await kept()).filter((id) => id.startsWith("ann"))).toEqual(idsOf("ann", 1, 4));
    expect(await consumer.parked()).toEqual([]);
  });

  test("while what a handler needs is away, the consumer waits, and parks nothing", async () => {
    const address = ownTopic(url);
    let tries = 0;
    await publish(address, eventsOf("ann", 1, 2));
    const consumer = await consume(address, (event, trx) => {
      tries += 1;
      if (tries < 4) throw new Unavailable("the post office is closed");
      return keep(event, trx);
    });
    await until(async () => (await kept()).length === 2);
    expect(await consumer.parked()).toEqual([]);
  });

  test("of two processes with one name, only one has an effect for each event", async () => {
    const address = ownTopic(url);
    await publish(address, eventsOf("ann", 1, 10));
    await Promise.all([consume(address), consume(address)]);
    for (const number of [11, 12, 13]) {
      await publish(address, [eventOf("ann", number)]);
      await until(async () => (await kept()).includes(`ann:${number}`));
    }
    expect(await kept()).toEqual(idsOf("ann", 1, 13));
  });

  test("a consumer that is stopped while it begins ends at once", async () => {
    const address = ownTopic(url);
    await publish(address, []);
    const stopped = AbortSignal.abort();
    const reader = await openReader(address);
    for await (const messages of reader.pages(undefined, stopped)) expect(messages).toEqual([]);
    await reader.close();
    const queue = await openQueue(address, "letters");
    for await (const { event } of queue.messages(stopped)) expect(event).toBeUndefined();
    await queue.close();
  });

  test("without a database, the broker keeps the place, and an event that fails comes again before all others", async () => {
    const address = ownTopic(url);
    await publish(address, []);
    await (await openQueue(address, "letters")).close();
    await publish(address, eventsOf("ann", 1, 3));
    const handled: string[] = [];
    const start = () => {
      const LetterSent = ({ id }: CloudEvent) => {
        handled.push(id);
        if (id === "ann:2" && handled.filter((each) => each === id).length < 3) throw new Error("no stamp");
      };
      const consumer = new QueueConsumer("letters", { broker: address, handlers: { LetterSent } });
      consumer.start();
      onTestFinished(() => consumer.stop());
      return consumer;
    };
    const first = start();
    await until(() => handled.includes("ann:3"), 20_000);
    await first.stop();
    await publish(address, [eventOf("ann", 4)]);
    start();
    await until(() => handled.includes("ann:4"), 20_000);
    expect(handled).toEqual(["ann:1", "ann:2", "ann:2", "ann:2", "ann:3", "ann:4"]);
  });
});
