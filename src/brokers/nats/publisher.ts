import type { JetStreamManager } from "@nats-io/jetstream";
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import type { BrokerAddress, LastMessage, Publisher } from "../broker.ts";
import { type CloudEvent, cloudEventIn, plainName, withoutData } from "../cloud-event.ts";
import { within } from "../within.ts";
import { Confirmations } from "./confirmations.ts";
import { connectToNats, jetstreamClient, lost, natsClient } from "./connect.ts";

/**
 * Publishes into a JetStream stream. The messages are a chain: each names the one before it, and the server takes it only as the next
 * one. So of two publishers that do not know of each other, only one gets on, and a message that was stored is not stored again.
 */
export class NatsPublisher implements Publisher {
  readonly isExact = true;
  readonly #connection: NatsConnection;
  readonly #headers: () => MsgHdrs;
  readonly #confirmations: Confirmations;
  readonly #manager: JetStreamManager;
  readonly #topic: string;
  /** Fails when the connection is lost, so nobody waits for what cannot come. */
  readonly #lost: Promise<never>;
  #sequence = 0;
  /** The id of the message that this connection has published last. */
  #before: string | undefined;

  private constructor(
    connection: NatsConnection,
    { manager, headers, inbox }: { manager: JetStreamManager; headers: () => MsgHdrs; inbox: string },
    topic: string,
  ) {
    this.#connection = connection;
    this.#lost = connection.closed().then((error) => {
      throw lost(error ?? undefined);
    });
    this.#lost.catch(() => {}); // whoever publishes hears of it
    this.#headers = headers;
    this.#confirmations = new Confirmations(connection, inbox);
    this.#manager = manager;
    this.#topic = topic;
  }

  /** Makes the stream if it is not there yet. A stream that is there keeps its settings, such as its limits and replicas. */
  static async open({ url, topic }: BrokerAddress): Promise<NatsPublisher> {
    const { jetstreamManager } = await jetstreamClient();
    const { createInbox, headers } = await natsClient();
    const connection = await connectToNats(url);
    try {
      const manager = await within(jetstreamManager(connection), "JetStream");
      return new NatsPublisher(connection, { manager, headers, inbox: createInbox() }, topic);
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
    if (events.length === 0) return;
    const confirmed = this.#confirmations.next(events.length);
    confirmed.catch(() => {}); // if sending fails, nobody waits for it
    const send = async () => {
      for (const event of events) this.#send(event);
      await confirmed;
    };
    await within(Promise.race([send(), this.#lost]), "publishing to NATS");
  }

  #send(event: CloudEvent): void {
    const { aggregatetype, subject, type } = event;
    const address = `${this.#topic}.${plainName(aggregatetype)}.${subject}.${plainName(type)}`;
    const chained = this.#headers();
    if (this.#before) chained.append("Nats-Expected-Last-Msg-Id", this.#before);
    else chained.append("Nats-Expected-Last-Sequence", String(this.#sequence));
    this.#sequence += 1;
    this.#before = `${event.id}@${this.#sequence}`; // published once more, it has another place and another id
    chained.append("Nats-Msg-Id", this.#before);
    const text = payloadOf(event, this.#connection.info?.max_payload);
    this.#connection.publish(address, text, { reply: this.#confirmations.address, headers: chained });
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

function payloadOf(event: CloudEvent, largest = Number.POSITIVE_INFINITY): string {
  const text = JSON.stringify(event);
  const room = largest - 1_000; // for the headers
  return text.length * 3 > room && Buffer.byteLength(text) > room ? JSON.stringify(withoutData(event)) : text;
}
