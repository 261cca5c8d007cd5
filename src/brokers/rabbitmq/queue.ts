import type { Channel, ConsumeMessage } from "amqplib";
import { Arrivals } from "../arrivals.ts";
import type { BrokerAddress, Queue } from "../broker.ts";
import { cloudEventIn } from "../cloud-event.ts";
import { whenAborted } from "../when-aborted.ts";
import { declareStream, RabbitConnection } from "./connect.ts";

/**
 * A quorum queue that is bound to the exchange, and gets what is published from then on. Of several programs with one name, one is
 * active, and the others wait for its end.
 */
export class RabbitQueue implements Queue {
  readonly #connection: RabbitConnection;
  readonly #channel: Channel;
  readonly #queue: string;

  private constructor(connection: RabbitConnection, channel: Channel, queue: string) {
    this.#connection = connection;
    this.#channel = channel;
    this.#queue = queue;
  }

  static async open({ url, topic }: BrokerAddress, name: string): Promise<RabbitQueue> {
    const connection = await RabbitConnection.open(url);
    const queue = `${topic}.${name}`;
    try {
      const channel = await connection.channel();
      await declareStream(connection, channel, topic);
      await connection.wait(declareQueue(channel, queue, topic), `the queue ${queue} of RabbitMQ`);
      return new RabbitQueue(connection, channel, queue);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async *messages(signal: AbortSignal): ReturnType<Queue["messages"]> {
    const arrivals = new Arrivals<ConsumeMessage>();
    const onMessage = (message: ConsumeMessage | null) => (message ? arrivals.push(message) : arrivals.end());
    await this.#connection.wait(this.#channel.consume(this.#queue, onMessage), "reading from RabbitMQ");
    const unwatch = whenAborted(signal, arrivals.end);
    const whenLost = this.#connection.lost.finally(arrivals.end);
    whenLost.catch(() => {}); // it is awaited below
    try {
      for (;;) {
        const [message] = await arrivals.all();
        if (signal.aborted) return;
        if (!message) return await whenLost;
        const done = async () => this.#channel.ack(message);
        const event = cloudEventIn(message.content.toString());
        if (event) yield { event, done };
        else await done();
      }
    } finally {
      unwatch();
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

async function declareQueue(channel: Channel, queue: string, exchange: string): Promise<void> {
  const options = { "x-queue-type": "quorum", "x-single-active-consumer": true };
  await channel.assertQueue(queue, { durable: true, arguments: options });
  await channel.bindQueue(queue, exchange, "#");
  await channel.prefetch(1); // with more, a repetition comes after the messages behind it
}
