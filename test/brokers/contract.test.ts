import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { PublishedByAnother } from "../../src/brokers/broker.ts";
import { openPublisher, openQueue } from "../../src/brokers/open.ts";
import { brokers } from "../support/broker-servers.ts";
import {
  eventOf,
  eventsOf,
  idsOf,
  ownTopic,
  publisherOf,
  readFrom,
  requireBroker,
} from "../support/brokers.ts";

describe.each(brokers)("$name", (broker) => {
  const { url, name } = broker;
  beforeAll(() => requireBroker(broker));

  const isExact = name !== "RabbitMQ";

  test("a stream that is new is empty, and afterwards ends with what was published last", async () => {
    const address = ownTopic(url);
    const publisher = await publisherOf(address);
    expect(await publisher.last()).toBe("none");
    const events = [eventOf("ann", 1), eventOf("ben", 1), eventOf("ann", 2)];
    await publisher.publish(events);
    expect(await (await publisherOf(address)).last()).toEqual(events.at(-1));
  });

  test("events come whole, each once, and those of an aggregate in their order", async () => {
    const address = ownTopic(url);
    const publisher = await publisherOf(address);
    await publisher.last();
    const events = ["ann", "ben", "cem"].flatMap((subject) => eventsOf(subject, 1, 300));
    await publisher.publish(events.slice(0, 450));
    await publisher.publish(events.slice(450));
    const read = (await readFrom(address, events.length)).map(({ event }) => event);
    if (isExact) expect(read).toEqual(events);
    for (const subject of ["ann", "ben", "cem"])
      expect(read.filter((event) => event.subject === subject)).toEqual(eventsOf(subject, 1, 300));
  });

  test("a reader goes on after its place, while events come in", async () => {
    const address = ownTopic(url);
    const publisher = await publisherOf(address);
    await publisher.last();
    await publisher.publish(eventsOf("ann", 1, 10));
    const [place] = (await readFrom(address, 10)).slice(6, 7);
    if (!place) throw new Error("ten were published");
    const reading = readFrom(address, 5, { position: place.position, eventId: place.event.id });
    await publisher.publish(eventsOf("ann", 11, 12));
    expect(idsOf(await reading)).toEqual(eventsOf("ann", 8, 12).map(({ id }) => id));
  });

  test("if another stream has taken the place of the one that was read, a reader begins again", async () => {
    const address = ownTopic(url);
    const publisher = await publisherOf(address);
    await publisher.last();
    await publisher.publish(eventsOf("ann", 1, 3));
    const [position = ""] = (await readFrom(address, 3)).map(({ position }) => position).slice(-1);
    const far = position.replace(/^\d+/, "3000");
    for (const place of [
      { position, eventId: "ben:1" },
      { position: far, eventId: "ann:3" },
    ])
      expect(idsOf(await readFrom(address, 3, place))).toEqual(["ann:1", "ann:2", "ann:3"]);
  });

  test.runIf(isExact)(
    "of two publishers that do not know of each other, only the first gets on",
    async () => {
      const address = ownTopic(url);
      const [one, other] = [await publisherOf(address), await publisherOf(address)];
      await one.last();
      await other.last();
      await one.publish(eventsOf("ann", 1, 3));
      await expect(other.publish(eventsOf("ben", 1, 5))).rejects.toThrow(PublishedByAnother);
      expect(await other.last()).toEqual(eventOf("ann", 3));
      await other.publish(eventsOf("ann", 4, 5));
      await expect(one.publish([eventOf("ben", 1)])).rejects.toThrow(PublishedByAnother);
      expect(idsOf(await readFrom(address, 5))).toEqual(eventsOf("ann", 1, 5).map(({ id }) => id));
    },
  );

  test("a queue gives one message after the other, and again what was not done", async () => {
    const address = ownTopic(url);
    const publisher = await publisherOf(address);
    await publisher.last();
    const queue = await openQueue(address, "letters"); // RabbitMQ gives what was published after its queue was made
    onTestFinished(() => queue.close());
    await publisher.publish(eventsOf("ann", 1, 3));
    const given: string[] = [];
    for await (const { event } of queue.messages(new AbortController().signal)) {
      given.push(event.id);
      break;
    }
    await queue.close();
    const again = await openQueue(address, "letters");
    onTestFinished(() => again.close());
    for await (const { event, done } of again.messages(new AbortController().signal)) {
      given.push(event.id);
      await done();
      if (event.id === "ann:3") break;
    }
    expect(given).toEqual(["ann:1", "ann:1", "ann:2", "ann:3"]);
  });

  test("a stream is published again from any event", async () => {
    const address = ownTopic(url);
    const publisher = await publisherOf(address);
    await publisher.last();
    await publisher.publish(eventsOf("ann", 1, 3));
    await publisher.publish(eventsOf("ann", 2, 4));
    const read = await readFrom(address, 6);
    expect(idsOf(read)).toEqual(["ann:1", "ann:2", "ann:3", "ann:2", "ann:3", "ann:4"]);
  });

  test("a broker that is away is an error within the time that it has", async () => {
    const away = new URL(url);
    away.port = "1";
    await expect(openPublisher({ url: away.href, topic: "test" })).rejects.toThrow(
      /connecting to .* failed: .+/,
    );
  });
});
