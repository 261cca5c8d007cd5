import type { Knex } from "knex";
import type { EventTypes } from "../../messages/event-types.ts";
import { type ShownPayload, shownPayload } from "../../messages/shown-payload.ts";
import type { LoggedEvent, LogPosition } from "../event-store.ts";
import { PostgresConnections } from "./connections.ts";
import { isSettled, logKeyOf } from "./log.ts";
import { conditions, idIn, loggedEvents, positionText, type WhichEvents } from "./logged-events.ts";

/** An event for a person who looks at it, with its aggregate and the command that led to it. */
export interface RecordedEvent extends Omit<LoggedEvent, "payload">, ShownPayload {}

/**
 * The log of all events, for people who look at it and for programs that follow it. It also gives events whose class this build does
 * not know, and it hides secrets.
 */
export class RecordedLog {
  readonly #connections: PostgresConnections;
  readonly #eventTypes: EventTypes;

  constructor(knex: Knex, eventTypes: EventTypes) {
    this.#connections = new PostgresConnections(knex);
    this.#eventTypes = eventTypes;
  }

  /** False if nobody has made the tables yet. */
  async isThere(): Promise<boolean> {
    return (await this.#connections.first(eventsTable)) !== undefined;
  }

  /** The position before the newest `count` events. Undefined if there are no earlier ones. */
  async beforeNewest(count: number, which: WhichEvents = {}): Promise<LogPosition | undefined> {
    const values = [count, ...idIn(which)];
    const row = await this.#connections.first<{ position: LogPosition }>(nthNewest(which), values);
    return row?.position;
  }

  /** The events after a position, in the order of the log. */
  async after(
    position: LogPosition | undefined,
    limit: number,
    which: WhichEvents = {},
  ): Promise<RecordedEvent[]> {
    const events = await loggedEvents(this.#connections, position, limit, which);
    return events.map((event) => ({ ...event, ...shownPayload(event, this.#eventTypes) }));
  }

  /** False if the event at this position is gone, because another log has taken the place of this one. */
  async has(position: LogPosition): Promise<boolean> {
    return (await this.#connections.first(eventAt, logKeyOf(position))) !== undefined;
  }

  /** True if there are events that a follower of the log cannot read yet, because a transaction is still open. */
  async isHeldBack(): Promise<boolean> {
    return (await this.#connections.first(firstNotSettled)) !== undefined;
  }
}

const nthNewest = (which: WhichEvents) => `
select ${positionText} as position
  from sequent_schema.events as event
 where true
   ${conditions(which, "$2")}
 order by epoch desc, xact_id desc, event.position desc
offset $1
 limit 1`;

const eventsTable = "select where to_regclass('sequent_schema.events') is not null";

const eventAt = `
select from sequent_schema.events
 where (epoch, xact_id, position) = ($1::integer, $2::xid8, $3::bigint)`;

const firstNotSettled = `select from sequent_schema.events where not ${isSettled} limit 1`;
