import type { Channel, ChannelModel, ConfirmChannel } from "amqplib";
import { BrokerUnavailable } from "../broker.ts";
import { client } from "../client.ts";
import { patienceMs, within } from "../within.ts";

/** One connection, which can be cut at once: to close one in words waits for the server, and for ever if the server hangs. */
export class RabbitConnection {
  readonly #model: ChannelModel;
  readonly #cut: AbortController;
  /** Fails when the connection is lost. */
  readonly lost: Promise<never>;

  private constructor(model: ChannelModel, cut: AbortController) {
    this.#model = model;
    this.#cut = cut;
    this.lost = new Promise((_, reject) => {
      const onLost = (error?: Error) => {
        const reason = error?.message ?? "the connection was closed";
        reject(new BrokerUnavailable(`RabbitMQ: ${reason}`, { cause: error }));
      };
      model.on("error", onLost).on("close", onLost);
    });
    this.lost.catch(() => {}); // whoever waits for something hears of it
  }

  static async open(url: string): Promise<RabbitConnection> {
    const amqplib = await client(() => import("amqplib"), "amqp", ["amqplib@2.3.1"]);
    const cut = new AbortController();
    const options = { timeout: patienceMs, noDelay: true, signal: cut.signal };
    try {
      return new RabbitConnection(await within(amqplib.connect(url, options), "connecting to RabbitMQ"), cut);
    } catch (error) {
      cut.abort();
      throw error;
    }
  }

  channel(): Promise<Channel> {
    return this.#quiet(this.#model.createChannel());
  }

  confirmChannel(): Promise<ConfirmChannel> {
    return this.#quiet(this.#model.createConfirmChannel());
  }

  /** Fails as soon as the connection is lost, or when it takes too long. */
  wait<Result>(work: Promise<Result>, what: string): Promise<Result> {
    return within(Promise.race([work, this.lost]), what);
  }

  async #quiet<C extends Channel>(opening: Promise<C>): Promise<C> {
    const channel = await this.wait(opening, "a channel of RabbitMQ");
    return channel.on("error", () => {}); // what was asked on the channel fails, too
  }

  async close(): Promise<void> {
    this.#cut.abort();
  }
}

/** Where all messages go, and the stream that keeps them. */
export async function declareStream(
  connection: RabbitConnection,
  channel: Channel,
  topic: string,
): Promise<void> {
  const declare = async () => {
    await channel.assertExchange(topic, "topic", { durable: true });
    await channel.assertQueue(topic, { durable: true, arguments: { "x-queue-type": "stream" } });
    await channel.bindQueue(topic, topic, "#");
  };
  await connection.wait(declare(), `the exchange ${topic} of RabbitMQ`);
}
