import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { BrokerUnavailable, PublishedByAnother } from "../broker.ts";

/**
 * Counts the answers to a page of messages, all on one address. The client has a promise and a timer for each message instead, which
 * takes five times as much of the processor.
 */
export class Confirmations {
  readonly address: string;
  #missing = 0;
  #resolve = () => {};
  #reject: (reason: Error) => void = () => {};

  constructor(connection: NatsConnection, address: string) {
    this.address = address;
    connection.subscribe(address, { callback: (error, message) => this.#take(error ?? whyRefused(message)) });
  }

  /** Ends when so many are confirmed, or when one is refused: then the chain refuses all after it. */
  next(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#missing = count;
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  #take(error: Error | undefined): void {
    this.#missing -= 1;
    if (error) this.#reject(error);
    else if (this.#missing === 0) this.#resolve();
  }
}

function whyRefused(message: Msg): Error | undefined {
  if (message.data.length === 0) return new BrokerUnavailable("NATS has no stream for the messages");
  const { error }: { error?: { err_code: number; description: string } } = message.json();
  if (!error) return undefined;
  return chain.includes(error.err_code)
    ? new PublishedByAnother("the stream of NATS has other messages than expected")
    : new BrokerUnavailable(`NATS: ${error.description}`);
}

/** Another last sequence than expected, or another last id. */
const chain: readonly number[] = [10071, 10070];
