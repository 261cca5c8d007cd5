import type { ConfirmChannel } from "amqplib";
import { type BrokerAddress, BrokerUnavailable, type LastMessage, type Publisher } from "../broker.ts";
import { type CloudEvent, cloudEventIn, plainName } from "../cloud-event.ts";
import { declareStream, RabbitConnection } from "./connect.ts";
import { lastOf } from "./stream.ts";

/**
 * Publishes to a topic exchange. A stream is bound to it, so nothing is lost while no consumer has a queue of its own. RabbitMQ knows
 * no numbers that are refused a second time, so an event may come twice.
 */
export class RabbitPublisher implements Publisher {
  readonly isExact = false;
  readonly #connection: RabbitConnection;
  readonly #channel: ConfirmChannel;
  readonly #topic: string;
  #returned: string | undefined;

  private constructor(connection: RabbitConnection, channel: ConfirmChannel, topic: string) {
    this.#connection = connection;
    this.#channel = channel;
    this.#topic = topic;
    channel.on("return", ({ fields }) => {
      this.#returned = fields.routingKey;
    });
  }

  static async open({ url, topic }: BrokerAddress): Promise<RabbitPublisher> {
    const connection = await RabbitConnection.open(url);
    try {
      const channel = await connection.confirmChannel();
      await declareStream(connection, channel, topic);
      return new RabbitPublisher(connection, channel, topic);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async last(): Promise<LastMessage> {
    const last = await lastOf(this.#connection, this.#topic);
    return last ? (cloudEventIn(last.content.toString()) ?? "gone") : "none";
  }

  /** In waves: never two events of one aggregate at once, because the later could be taken and the earlier refused. */
  async publish(events: readonly CloudEvent[]): Promise<void> {
    for (const wave of wavesOf(events)) {
      const confirmed = Promise.all(wave.map((event) => this.#send(event)));
      await this.#connection.wait(confirmed, "publishing to RabbitMQ");
      if (this.#returned) throw new BrokerUnavailable(`RabbitMQ has no queue for ${this.#returned}`);
    }
  }

  #send(event: CloudEvent): Promise<void> {
    const key = `${plainName(event.aggregatetype)}.${plainName(event.type)}.${event.subject}`;
    const options = {
      persistent: true,
      mandatory: true,
      contentType: "application/cloudevents+json",
      messageId: event.id,
    };
    return new Promise((resolve, reject) => {
      const confirmed = (error: unknown) =>
        error
          ? reject(new BrokerUnavailable("RabbitMQ refused a message: its queue is full, or has no leader"))
          : resolve();
      this.#channel.publish(this.#topic, key, Buffer.from(JSON.stringify(event)), options, confirmed);
    });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** The first events of all aggregates, then the second ones … */
function wavesOf(events: readonly CloudEvent[]): CloudEvent[][] {
  const waves: CloudEvent[][] = [];
  const counts = new Map<string, number>();
  for (const event of events) {
    const wave = counts.get(event.subject) ?? 0;
    counts.set(event.subject, wave + 1);
    waves[wave] ??= [];
    waves[wave].push(event);
  }
  return waves;
}
