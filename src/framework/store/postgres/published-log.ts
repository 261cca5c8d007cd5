import type { Knex } from "knex";
import type { LoggedEvent, LogPosition } from "../event-store.ts";
import { PostgresConnections } from "./connections.ts";
import { logKeyOf } from "./log.ts";
import { loggedEvents, positionText } from "./logged-events.ts";

/** The log for a program that publishes it, and has to find where it stopped. */
export class PublishedLog {
  readonly #connections: PostgresConnections;

  constructor(knex: Knex) {
    this.#connections = new PostgresConnections(knex);
  }

  /** The events after a position, or from the beginning, as they are stored. No other event can come before them. */
  after(position: LogPosition | undefined, limit: number): Promise<LoggedEvent[]> {
    return loggedEvents(this.#connections, position, limit, { isSettled: true });
  }

  /** Where an event is in the log, and the command that it came with. Undefined if there is no such event. */
  find(aggregateId: string, sequenceNumber: number): Promise<Found | undefined> {
    return this.#connections.first<Found>(find, [aggregateId, sequenceNumber]);
  }

  /** The position so many events before another one. Undefined if that is the beginning. */
  async before(position: LogPosition, count: number): Promise<LogPosition | undefined> {
    const values = [...logKeyOf(position), count];
    return (await this.#connections.first<{ position: LogPosition }>(before, values))?.position;
  }
}

interface Found {
  readonly position: LogPosition;
  readonly commandId: string;
}

const find = `
select ${positionText} as position,
       event.command_id as "commandId"
  from sequent_schema.events as event
 where event.aggregate_id = $1 and event.sequence_number = $2`;

const before = `
select ${positionText} as position
  from sequent_schema.events as event
 where (event.epoch, event.xact_id, event.position) <= ($1::integer, $2::xid8, $3::bigint)
 order by event.epoch desc, event.xact_id desc, event.position desc
offset $4
 limit 1`;
