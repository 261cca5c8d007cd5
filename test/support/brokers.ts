import { onTestFinished } from "vitest";
import {
  type BrokerAddress,
  BrokerUnavailable,
  type Message,
  type Place,
  type Publisher,
} from "../../src/brokers/broker.ts";
import type { CloudEvent } from "../../src/brokers/cloud-event.ts";
import { openPublisher, openReader } from "../../src/brokers/open.ts";
import { type brokers, dropTopic } from "./broker-servers.ts";
import { until } from "./until.ts";

/** A broker that does not run is an error, never a reason to leave its tests out. */
export async function requireBroker({
  name,
  url,
  package: debian,
  start,
}: (typeof brokers)[number]): Promise<void> {
  try {
    await (await openReader({ url, topic: "test" })).close();
  } catch (error) {
    throw new Error(`${name} is needed at ${url}: apt-get install ${debian}, then ${start}`, {
      cause: error,
    });
  }
}

let topics = 0;

/** A topic of this test's own. It is deleted afterwards, with everything that a test made below it. */
export function ownTopic(url: string): BrokerAddress {
  topics += 1;
  const address = { url, topic: `test-${process.pid}-${Date.now().toString(36)}-${topics}` };
  onTestFinished(() => dropTopic(address));
  return address;
}

export async function publisherOf(address: BrokerAddress): Promise<Publisher> {
  const publisher = await openPublisher(address);
  onTestFinished(() => publisher.close());
  return publisher;
}

/** Reads until so many messages have come. The stream may not be there yet. */
export async function readFrom(address: BrokerAddress, count: number, after?: Place): Promise<Message[]> {
  let read: Message[] = [];
  await until(async () => {
    read = await tryToRead(address, count, after);
    return read.length >= count;
  }, 20_000);
  return read;
}

async function tryToRead(address: BrokerAddress, count: number, after?: Place): Promise<Message[]> {
  const reader = await openReader(address);
  const stop = new AbortController();
  const read: Message[] = [];
  try {
    for await (const messages of reader.pages(after, stop.signal)) {
      read.push(...messages);
      if (read.length >= count) break;
    }
  } catch (error) {
    if (!(error instanceof BrokerUnavailable)) throw error;
  } finally {
    stop.abort();
    await reader.close();
  }
  return read;
}

/** Events number 1, 2, 3 … of an aggregate. */
export function eventsOf(subject: string, first: number, last: number): CloudEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => eventOf(subject, first + index));
}

export function eventOf(subject: string, aggregatesequence: number): CloudEvent {
  return {
    specversion: "1.0",
    id: `${subject}:${aggregatesequence}`,
    source: "/test",
    type: "LetterSent",
    subject,
    time: "2026-11-29T01:00:00.000Z",
    datacontenttype: "application/json",
    aggregatetype: "Letter",
    aggregatesequence,
    eventversion: 0,
    commandid: "0198c2d4-0000-7000-8000-000000000000",
    data: { text: `Letter ${aggregatesequence}` },
  };
}

export const idsOf = (messages: readonly { readonly event: CloudEvent }[]) =>
  messages.map(({ event }) => event.id);

/** The numbers of each aggregate in the order in which they came for the first time. */
export function inOrderOfEach(ids: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const orders = new Map<string, number[]>();
  for (const id of new Set(ids)) {
    const [subject = "", number] = id.split(":");
    orders.set(subject, [...(orders.get(subject) ?? []), Number(number)]);
  }
  return orders;
}
