import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  type BrokerAddress,
  BrokerUnavailable,
  type LastMessage,
  PublishedByAnother,
  type Publisher,
} from "../broker.ts";
import { type CloudEvent, cloudEventIn, plainName, withoutData } from "../cloud-event.ts";
import { reasonOf, within } from "../within.ts";
import { connectToNats, jetstreamClient } from "./connect.ts";

/**
 * Publishes into a JetStream stream. The messages are a chain: each names the one before it, and the server takes it only as the next
 * one. So of two publishers that do not know of each other, only one gets on, and a message that was stored is not stored again.
 */
export class NatsPublisher implements Publisher {
  readonly isExact = true;
  readonly #connection: NatsConnection;
  readonly #jetstream: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #topic: string;
  #sequence = 0;
  /** The id of the message that this connection has published last. */
  #before: string | undefined;

  private constructor(
    connection: NatsConnection,
    { jetstream, manager }: { jetstream: JetStreamClient; manager: JetStreamManager },
    topic: string,
  ) {
    this.#connection = connection;
    this.#jetstream = jetstream;
    this.#manager = manager;
    this.#topic = topic;
  }

  /** Makes the stream if it is not there yet. A stream that is there keeps its settings, such as its limits and replicas. */
  static async open({ url, topic }: BrokerAddress): Promise<NatsPublisher> {
    const { jetstream, jetstreamManager } = await jetstreamClient();
    const connection = await connectToNats(url);
    try {
      const manager = await within(jetstreamManager(connection), "JetStream");
      const parts = { jetstream: jetstream(connection), manager };
      return new NatsPublisher(connection, parts, topic);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async last(): Promise<LastMessage> {
    const { JetStreamApiCodes, JetStreamApiError } = await jetstreamClient();
    const streams = this.#manager.streams;
    const look = async (): Promise<LastMessage> => {
      const { state } = await streams.info(this.#topic).catch((error) => {
        if (!(error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound))
          throw error;
        return streams.add({ name: this.#topic, subjects: [`${this.#topic}.>`] });
      });
      this.#sequence = state.last_seq;
      this.#before = undefined;
      if (this.#sequence === 0) return "none";
      const message = await streams.getMessage(this.#topic, { seq: this.#sequence }).catch((error) => {
        if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.NoMessageFound)
          return null;
        throw error;
      });
      return (message && cloudEventIn(message.string())) ?? "gone";
    };
    return within(look(), `the stream ${this.#topic} of NATS`);
  }

  async publish(events: readonly CloudEvent[]): Promise<void> {
    const { JetStreamApiError } = await jetstreamClient();
    const largest = this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    const sent = events.map((event) => this.#send(event, largest));
    for (const result of await within(Promise.allSettled(sent), "publishing to NATS")) {
      if (result.status === "fulfilled") continue;
      const { reason } = result; // the first one: the chain has refused all others
      if (reason instanceof JetStreamApiError && chain.includes(reason.code))
        throw new PublishedByAnother(`the stream ${this.#topic} of NATS has other messages than expected`);
      throw new BrokerUnavailable(`NATS: ${reasonOf(reason)}`, { cause: reason });
    }
  }

  #send(event: CloudEvent, largest: number): Promise<unknown> {
    const { aggregatetype, subject, type } = event;
    const address = `${this.#topic}.${plainName(aggregatetype)}.${subject}.${plainName(type)}`;
    const expect = this.#before ? { lastMsgID: this.#before } : { lastSequence: this.#sequence };
    this.#sequence += 1;
    this.#before = `${event.id}@${this.#sequence}`; // published once more, it has another place and another id
    return this.#jetstream.publish(address, payloadOf(event, largest), { msgID: this.#before, expect });
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

function payloadOf(event: CloudEvent, largest: number): string {
  const text = JSON.stringify(event);
  const room = largest - 1_000; // for the headers
  return Buffer.byteLength(text) > room ? JSON.stringify(withoutData(event)) : text;
}

/** Another last sequence than expected, or another last id. */
const chain: readonly number[] = [10071, 10070];
