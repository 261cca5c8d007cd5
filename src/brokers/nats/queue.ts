import type { Consumer } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { BrokerAddress, Queue } from "../broker.ts";
import { cloudEventIn } from "../cloud-event.ts";
import { whenAborted } from "../when-aborted.ts";
import { within } from "../within.ts";
import { connectToNats, jetstreamClient, lost } from "./connect.ts";

/** A durable consumer with one message under way. Of several programs with one name, each takes the next message in turn. */
export class NatsQueue implements Queue {
  readonly #connection: NatsConnection;
  readonly #consumer: Consumer;

  private constructor(connection: NatsConnection, consumer: Consumer) {
    this.#connection = connection;
    this.#consumer = consumer;
  }

  static async open({ url, topic }: BrokerAddress, name: string): Promise<NatsQueue> {
    const connection = await connectToNats(url);
    try {
      const consumer = await within(durable(connection, topic, name), `the consumer ${name} of NATS`);
      return new NatsQueue(connection, consumer);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async *messages(signal: AbortSignal): ReturnType<Queue["messages"]> {
    const messages = await within(this.#consumer.consume({ max_messages: 1 }), "reading from NATS");
    const unwatch = whenAborted(signal, () => messages.stop());
    try {
      for await (const message of messages) {
        const event = cloudEventIn(message.string());
        const stillWorking = setInterval(() => message.working(), ackWaitMs / 3);
        let isDone = false;
        const done = async () => {
          await within(message.ackAck(), "an acknowledgement to NATS");
          isDone = true;
        };
        try {
          if (event) yield { event, done };
          else await done();
        } finally {
          clearInterval(stillWorking);
          if (!isDone) message.nak(); // it comes again at once
        }
        if (signal.aborted) return;
      }
      if (!signal.aborted) throw lost();
    } finally {
      unwatch();
      messages.stop();
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

async function durable(connection: NatsConnection, topic: string, name: string): Promise<Consumer> {
  const { AckPolicy, jetstream, jetstreamManager } = await jetstreamClient();
  const manager = await jetstreamManager(connection);
  await manager.consumers.add(topic, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: ackWaitMs * 1_000_000,
    max_ack_pending: 1, // with more, a repetition comes after the messages behind it
  });
  return jetstream(connection).consumers.get(topic, name);
}

const ackWaitMs = 10_000;
