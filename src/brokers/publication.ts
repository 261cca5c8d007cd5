import {
  type EventTypes,
  isLater,
  type LoggedEvent,
  type LogPosition,
  publicPayload,
} from "#sequent/operations";
import type { Publisher } from "./broker.ts";
import { type CloudEvent, cloudEventOf } from "./cloud-event.ts";

/** What is published, and where it is read. */
export interface PublicationParts {
  readonly store: Log;
  readonly eventTypes: EventTypes;
  /** The name of this program in all its events. */
  readonly source: string;
  readonly withPersonal: boolean;
}

/** A `PublishedLog`, which has the words. */
interface Log {
  after(position: LogPosition | undefined, limit: number): Promise<LoggedEvent[]>;
  find(
    aggregateId: string,
    sequenceNumber: number,
  ): Promise<{ position: LogPosition; commandId: string } | undefined>;
  before(position: LogPosition, count: number): Promise<LogPosition | undefined>;
}

/** The broker has an event that the database does not have, so nobody can say what comes after it. */
export class BrokerAhead extends Error {
  constructor({ type, id }: CloudEvent) {
    super(
      `The stream of the broker ends with ${type} ${id}, which is not in this database. Either another program publishes into it ` +
        "(choose another BROKER_TOPIC), or the database is an older one that was restored, or a replica that lacked the last " +
        "events was promoted. To publish its events again: npm run tracker -- --from beginning",
    );
  }
}

/**
 * Publishes the log on one connection. Before the first page it asks the broker what its stream ends with, and publishes first what
 * is missing there: the broker may have lost something, or the program may have ended before it noted what it had published.
 */
export class Publication {
  readonly #publisher: Publisher;
  readonly #parts: PublicationParts;
  #hasBegun = false;
  /** How many events were published. */
  count = 0;
  /** The last event of the stream, as far as this is known. */
  #at: LogPosition | undefined;

  constructor(publisher: Publisher, parts: PublicationParts) {
    this.#publisher = publisher;
    this.#parts = parts;
  }

  /** Returns how many events were missing in the broker before these. */
  async publish(page: readonly LoggedEvent[]): Promise<number> {
    const [first] = page;
    if (!first) return 0;
    if (this.#hasMoved(page)) this.#hasBegun = false;
    const missing = this.#hasBegun ? 0 : await this.#catchUp(first.position);
    this.#hasBegun = true;
    await this.#send(page.filter(({ position }) => !this.#at || isLater(position, this.#at)));
    return missing;
  }

  /** In a new epoch the log may have lost its last events, and the broker may have them. */
  #hasMoved(page: readonly LoggedEvent[]): boolean {
    const epochs = [this.#at, page.at(-1)?.position].map((position) => position?.split(":")[0]);
    return this.#at !== undefined && epochs[0] !== epochs[1];
  }

  /** Publishes all events after a position up to the end of the log, whatever the stream ends with. */
  async publishAgain(after: LogPosition | undefined): Promise<void> {
    await this.#publisher.last();
    await this.#sendAllAfter(after, undefined);
  }

  async #catchUp(first: LogPosition): Promise<number> {
    const last = await this.#publisher.last();
    if (last === "gone") return 0; // nobody knows more than we do
    const start = await this.#startAfter(last, first);
    if (start === "page") return 0;
    const count = await this.#sendAllAfter(start, first);
    if (!this.#publisher.isExact) this.#at = undefined;
    return count;
  }

  /** The position after which the broker has nothing; "page" if that is where the page begins. */
  async #startAfter(
    last: CloudEvent | "none",
    first: LogPosition,
  ): Promise<LogPosition | undefined | "page"> {
    if (last === "none") return undefined;
    const found = await this.#parts.store.find(last.subject, last.aggregatesequence);
    if (found?.commandId !== last.commandid) throw new BrokerAhead(last);
    const { position } = found;
    if (this.#publisher.isExact) {
      this.#at = position;
      return position;
    }
    const [next] = await this.#parts.store.after(position, 1);
    if (!isLater(first, position) || next?.position === first) return "page";
    return this.#parts.store.before(position, pageSize); // within a page, the order was another one
  }

  async #sendAllAfter(after: LogPosition | undefined, end: LogPosition | undefined): Promise<number> {
    let count = 0;
    let position = after;
    for (;;) {
      const read = await this.#parts.store.after(position, pageSize);
      const events = end === undefined ? read : read.filter((event) => isLater(end, event.position));
      await this.#send(events);
      count += events.length;
      position = events.at(-1)?.position ?? position;
      if (read.length === 0 || events.length < read.length) return count;
    }
  }

  async #send(events: readonly LoggedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { eventTypes, source, withPersonal } = this.#parts;
    const published = events.map((event) => {
      const { version, payload } = publicPayload(event, eventTypes, { withPersonal });
      return cloudEventOf({ ...event, version }, source, payload);
    });
    await this.#publisher.publish(published);
    this.#at = events.at(-1)?.position;
    this.count += events.length;
  }
}

const pageSize = 500;
