import type { CloudEvent } from "./cloud-event.ts";

/**
 * Publishes into the stream of a broker. It is one connection: after an error, close it and open another one.
 *
 *     const publisher = await openPublisher(url, "sequent-blog");
 *     await publisher.last();
 *     await publisher.publish(events);
 */
export interface Publisher {
  /**
   * True if the stream always holds the published events in their order, without a gap and without a repetition, and if it takes no
   * event from somebody else after `last` was asked. Otherwise each event may come more than once, and only the events of each
   * aggregate are in order.
   */
  readonly isExact: boolean;
  /** What the stream ends with. The next events are published behind it. */
  last(): Promise<LastMessage>;
  /** Ends when the broker has confirmed all of them. */
  publish(events: readonly CloudEvent[]): Promise<void>;
  close(): Promise<void>;
}

/** `none`: nothing was ever published. `gone`: something was, but the broker has deleted it since. */
export type LastMessage = CloudEvent | "none" | "gone";

/** Reads the stream of a broker from a place that the reader keeps. */
export interface Reader {
  /** The messages after a place, in the order of the stream. Waits for new ones, until it is aborted. */
  pages(after: Place | undefined, signal: AbortSignal): AsyncGenerator<readonly Message[]>;
  close(): Promise<void>;
}

/** If the stream was made anew, another event is at the position. Then the reader begins again. */
export interface Place {
  readonly position: string;
  readonly eventId: string;
}

export interface Message {
  readonly position: string;
  readonly event: CloudEvent;
}

/** Gives a consumer one message after the other. The broker remembers which are done. */
export interface Queue {
  /** The next message comes only when this one is done. If it is never done, it comes again. */
  messages(signal: AbortSignal): AsyncGenerator<{ readonly event: CloudEvent; done(): Promise<void> }>;
  close(): Promise<void>;
}

/** How a program reaches a broker. */
export interface BrokerAddress {
  readonly url: string;
  /** All names in the broker begin with it. */
  readonly topic: string;
}

/** The broker cannot be reached, is too slow, or takes nothing more. Close the connection, wait, and try again. */
export class BrokerUnavailable extends Error {}

/** Somebody else has published since `last` was asked. Nothing of this was published. Ask again. */
export class PublishedByAnother extends BrokerUnavailable {}
