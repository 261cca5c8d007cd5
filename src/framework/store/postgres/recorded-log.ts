import type { Knex } from "knex";
import type { EventTypes, StoredEvent } from "../../messages/event-types.ts";
import { type ShownPayload, shownPayload } from "../../messages/shown-payload.ts";
import type { StoredCommand } from "../event-store.ts";
import { type AskedRow, askedColumns, askedOf, eventColumns } from "./columns.ts";
import { PostgresConnections } from "./connections.ts";
import { isSettled, type LogPosition, logKeyOf } from "./log.ts";

/** An event for a person who looks at it, with its aggregate and the command that led to it. */
export interface RecordedEvent
  extends Omit<StoredEvent, "payload">,
    ShownPayload,
    Pick<StoredCommand, "commandId" | keyof AskedRow> {
  readonly position: LogPosition;
  readonly aggregateType: string;
  readonly commandType: string;
}

/** Which events to read. By default, all stored events. */
export interface WhichEvents {
  readonly aggregateId?: string | undefined;
  /** Only events before which no other event can come: see `isSettled`. A follower of the log reads these. */
  readonly isSettled?: boolean;
}

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
    const values = [...logKeyOf(position), limit, ...idIn(which)];
    const rows = await this.#connections.all<RecordedRow>(eventsAfter(which), values);
    return rows.map((row) => ({ ...row, ...askedOf(row), ...shownPayload(row, this.#eventTypes) }));
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

type RecordedRow = StoredEvent &
  AskedRow &
  Pick<RecordedEvent, "commandId" | "position" | "aggregateType" | "commandType">;

const idIn = ({ aggregateId }: WhichEvents) => (aggregateId === undefined ? [] : [aggregateId]);

const conditions = (which: WhichEvents, place: string) => `
   ${which.aggregateId === undefined ? "" : `and aggregate_id = ${place}`}
   ${which.isSettled ? `and ${isSettled}` : ""}`;

const position = "concat_ws(':', event.epoch, event.xact_id, event.position)";

const nthNewest = (which: WhichEvents) => `
select ${position} as position
  from sequent_schema.events as event
 where true
   ${conditions(which, "$2")}
 order by epoch desc, xact_id desc, event.position desc
offset $1
 limit 1`;

/** Commands and aggregates are looked up by their keys: without "offset 0", the planner may read all of them. */
const eventsAfter = (which: WhichEvents) => `
select event.aggregate_id as "aggregateId",
       aggregate.aggregate_type as "aggregateType",
       ${eventColumns},
       event.command_id as "commandId",
       command.command_type as "commandType",
       ${position} as position,
       ${askedColumns}
  from (
         select *
           from sequent_schema.events
          where (epoch, xact_id, position) > ($1::integer, $2::xid8, $3::bigint)
            ${conditions(which, "$5")}
          order by epoch, xact_id, position
          limit $4
       ) as event
 cross join lateral (
         select * from sequent_schema.aggregates where aggregates.aggregate_id = event.aggregate_id offset 0
       ) as aggregate
 cross join lateral (
         select * from sequent_schema.commands where commands.command_id = event.command_id offset 0
       ) as command
 order by event.epoch, event.xact_id, event.position`;

const eventsTable = "select where to_regclass('sequent_schema.events') is not null";

const eventAt = `
select from sequent_schema.events
 where (epoch, xact_id, position) = ($1::integer, $2::xid8, $3::bigint)`;

const firstNotSettled = `select from sequent_schema.events where not ${isSettled} limit 1`;
