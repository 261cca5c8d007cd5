import type { JetStreamClient } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { Arrivals } from "../arrivals.ts";
import type { BrokerAddress, Message, Place, Reader } from "../broker.ts";
import { cloudEventIn } from "../cloud-event.ts";
import { whenAborted } from "../when-aborted.ts";
import { within } from "../within.ts";
import { connectToNats, jetstreamClient, lost } from "./connect.ts";

export class NatsReader implements Reader {
  readonly #connection: NatsConnection;
  readonly #jetstream: JetStreamClient;
  readonly #topic: string;

  private constructor(connection: NatsConnection, jetstream: JetStreamClient, topic: string) {
    this.#connection = connection;
    this.#jetstream = jetstream;
    this.#topic = topic;
  }

  static async open({ url, topic }: BrokerAddress): Promise<NatsReader> {
    const { jetstream } = await jetstreamClient();
    const connection = await connectToNats(url);
    return new NatsReader(connection, jetstream(connection), topic);
  }

  async *pages(after: Place | undefined, signal: AbortSignal): AsyncGenerator<readonly Message[]> {
    const { DeliverPolicy } = await jetstreamClient();
    const start = await within(this.#startAfter(after), `the stream ${this.#topic} of NATS`);
    const getting = this.#jetstream.consumers.get(this.#topic, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: start,
    });
    const consumer = await within(getting, `the stream ${this.#topic} of NATS`);
    const messages = await within(consumer.consume({ max_messages: 2 * page }), "reading from NATS");
    const arrivals = new Arrivals<Message>();
    const arriving = (async () => {
      for await (const message of messages) {
        const event = cloudEventIn(message.string());
        if (event) arrivals.push({ position: String(message.seq), event });
        await arrivals.room(page);
      }
    })().finally(arrivals.end);
    arriving.catch(() => {}); // it is awaited below
    const unwatch = whenAborted(signal, arrivals.end);
    try {
      for (;;) {
        const arrived = await arrivals.all();
        if (signal.aborted) return;
        if (arrived.length > 0) yield arrived;
        else throw await arriving.then(lost, lost);
      }
    } finally {
      unwatch();
      arrivals.end();
      messages.stop();
    }
  }

  async #startAfter(after: Place | undefined): Promise<number> {
    const { JetStreamApiError } = await jetstreamClient();
    if (!after) return 1;
    const { streams } = await this.#jetstream.jetstreamManager();
    const seq = Number(after.position);
    const { state } = await streams.info(this.#topic);
    if (state.last_seq < seq) return 1;
    const message = await streams.getMessage(this.#topic, { seq }).catch((error) => {
      if (error instanceof JetStreamApiError) return null; // deleted: the broker keeps messages for some time only
      throw error;
    });
    const isAnother = message && cloudEventIn(message.string())?.id !== after.eventId;
    return isAnother ? 1 : seq + 1;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

const page = 500;
