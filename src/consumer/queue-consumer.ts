import { type BrokerAddress, BrokerUnavailable } from "../brokers/broker.ts";
import type { CloudEvent } from "../brokers/cloud-event.ts";
import { openQueue } from "../brokers/open.ts";
import { type ConsumerLog, silentLog } from "./log.ts";
import { Pauses } from "./pauses.ts";

export interface QueueConsumerOptions {
  readonly broker: BrokerAddress;
  /** By the type of an event. */
  readonly handlers: Readonly<Record<string, (event: CloudEvent) => unknown>>;
  readonly log?: ConsumerLog;
}

/**
 * For a program without a database: the broker keeps its place, under its name. It handles one event after the other, each at least
 * once. An event that fails is tried again with growing pauses, and all others wait behind it.
 */
export class QueueConsumer {
  readonly #name: string;
  readonly #options: QueueConsumerOptions;
  readonly #log: ConsumerLog;
  readonly #stopping = new AbortController();
  #stopped: Promise<void> = Promise.resolve();

  constructor(name: string, options: QueueConsumerOptions) {
    this.#name = name;
    this.#options = options;
    this.#log = options.log ?? silentLog;
  }

  start(): void {
    this.#stopped = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopped;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const pauses = new Pauses();
    while (!signal.aborted) {
      try {
        await this.#read(pauses.reset);
      } catch (error) {
        if (signal.aborted) return;
        const fields = { consumer: this.#name, err: error, againInMs: pauses.nextMs };
        if (error instanceof BrokerUnavailable) this.#log.warn(fields, "consumer waits: the broker is away");
        else this.#log.error(fields, "handler failed");
        await pauses.wait(signal);
      }
    }
  }

  async #read(onDone: () => void): Promise<void> {
    const queue = await openQueue(this.#options.broker, this.#name);
    try {
      for await (const { event, done } of queue.messages(this.#stopping.signal)) {
        if (Object.hasOwn(this.#options.handlers, event.type))
          await this.#options.handlers[event.type]?.(event);
        await done();
        onDone();
      }
    } finally {
      await queue.close();
    }
  }
}
