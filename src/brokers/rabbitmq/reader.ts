import type { ConsumeMessage } from "amqplib";
import { Arrivals } from "../arrivals.ts";
import type { BrokerAddress, Message, Place, Reader } from "../broker.ts";
import { cloudEventIn } from "../cloud-event.ts";
import { whenAborted } from "../when-aborted.ts";
import { RabbitConnection } from "./connect.ts";
import { lastOf, messageAt, offsetOf } from "./stream.ts";

/** Reads the stream that is bound to the exchange. */
export class RabbitReader implements Reader {
  readonly #connection: RabbitConnection;
  readonly #topic: string;

  private constructor(connection: RabbitConnection, topic: string) {
    this.#connection = connection;
    this.#topic = topic;
  }

  static async open({ url, topic }: BrokerAddress): Promise<RabbitReader> {
    return new RabbitReader(await RabbitConnection.open(url), topic);
  }

  async *pages(after: Place | undefined, signal: AbortSignal): AsyncGenerator<readonly Message[]> {
    const start = await this.#startAfter(after);
    const channel = await this.#connection.channel();
    await this.#connection.wait(channel.prefetch(1_000), "reading from RabbitMQ");
    const arrivals = new Arrivals<ConsumeMessage>();
    const options = { arguments: { "x-stream-offset": start === 0 ? "first" : start } };
    const onMessage = (message: ConsumeMessage | null) => (message ? arrivals.push(message) : arrivals.end());
    await this.#connection.wait(channel.consume(this.#topic, onMessage, options), "reading from RabbitMQ");
    const unwatch = whenAborted(signal, arrivals.end);
    const whenLost = this.#connection.lost.finally(arrivals.end);
    whenLost.catch(() => {}); // it is awaited below
    try {
      for (;;) {
        const arrived = await arrivals.all();
        if (signal.aborted) return;
        const last = arrived.at(-1);
        if (!last) return await whenLost;
        const messages = arrived
          .filter((message) => offsetOf(message) >= start) // the chunk of the offset begins earlier
          .flatMap((message) => {
            const event = cloudEventIn(message.content.toString());
            return event ? [{ position: String(offsetOf(message)), event }] : [];
          });
        if (messages.length > 0) yield messages;
        channel.ack(last, true);
      }
    } finally {
      unwatch();
    }
  }

  async #startAfter(after: Place | undefined): Promise<number> {
    if (!after) return 0;
    const offset = Number(after.position);
    const last = await lastOf(this.#connection, this.#topic);
    if (!last || offsetOf(last) < offset) return 0;
    const message = await messageAt(this.#connection, this.#topic, offset);
    const isAnother = message && cloudEventIn(message.content.toString())?.id !== after.eventId;
    return isAnother ? 0 : offset + 1;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
