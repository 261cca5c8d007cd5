import type { Knex } from "knex";
import type { JsonObject } from "../../attribute.ts";
import type { BaseEvent, EventTypes } from "../../event.ts";
import type { ProjectorClass } from "../../projector.ts";
import type { EventStore, EventStream, LogEntry, LogPosition, StoredCommand } from "../event-store.ts";
import { PostgresConnections } from "./connections.ts";
import { type EventRow, eventOf } from "./event-row.ts";
import { LiveViews } from "./live-views.ts";
import { PostgresTransaction } from "./postgres-transaction.ts";

/** Keeps events in Postgres (14 or later): the schema is in `sql/`, one object a file. */
export class PostgresEventStore implements EventStore {
  readonly #connections: PostgresConnections;
  readonly #eventTypes: EventTypes;
  readonly #liveViews: LiveViews;

  constructor(knex: Knex, eventTypes: EventTypes) {
    this.#connections = new PostgresConnections(knex);
    this.#liveViews = new LiveViews(this.#connections);
    this.#eventTypes = eventTypes;
  }

  async load(aggregateIds: readonly string[]): Promise<EventStream[]> {
    const rows = await this.#connections.all<EventRow & { aggregate_type: string }>(loadStreams, [
      [...new Set(aggregateIds)],
    ]);
    const streams = new Map<string, { aggregateId: string; aggregateType: string; events: BaseEvent[] }>();
    for (const row of rows) {
      let stream = streams.get(row.aggregate_id);
      if (!stream) {
        stream = { aggregateId: row.aggregate_id, aggregateType: row.aggregate_type, events: [] };
        streams.set(row.aggregate_id, stream);
      }
      stream.events.push(eventOf(row, this.#eventTypes));
    }
    return [...streams.values()];
  }

  async aggregateType(aggregateId: string): Promise<string | undefined> {
    const row = await this.#connections.first<{ aggregate_type: string }>(findAggregate, [aggregateId]);
    return row?.aggregate_type;
  }

  async findByUniqueKey(scope: string, key: string): Promise<string | undefined> {
    const row = await this.#connections.first<{ aggregate_id: string }>(findKey, [scope, key]);
    return row?.aggregate_id;
  }

  async findCommands(commandIds: readonly string[]): Promise<StoredCommand[]> {
    const rows = await this.#connections.all<CommandRow>(findCommands, [commandIds]);
    return rows.map(commandOf);
  }

  async readLog(after: LogPosition | undefined, limit: number): Promise<LogEntry[]> {
    const [transaction = "0", position = "0"] = after?.split(":") ?? [];
    const rows = await this.#connections.all<LogRow>(loadLog, [transaction, position, limit]);
    return rows.map((row) => ({
      event: eventOf(row, this.#eventTypes),
      commandId: row.command_id,
      position: `${row.xact_id}:${row.position}`,
    }));
  }

  begin(): PostgresTransaction {
    return new PostgresTransaction(this.#connections, this.#liveViews);
  }

  async catchUp(_projectors: readonly ProjectorClass[]): Promise<void> {
    this.#liveViews.lookAgain();
  }
}

/** Id by id through the indexes: left to itself, the planner may read all aggregates rather than look up one. */
const loadStreams = `
select wanted.aggregate_id, aggregate.aggregate_type, event.sequence_number,
       event.event_type, event.event_version, event.payload, event.created_at
  from unnest($1::uuid[]) as wanted (aggregate_id)
 cross join lateral (
         select aggregate_type from sequent_schema.aggregates where aggregate_id = wanted.aggregate_id offset 0
       ) as aggregate
 cross join lateral (
         select sequence_number, event_type, event_version, payload, created_at
           from sequent_schema.events where aggregate_id = wanted.aggregate_id offset 0
       ) as event
 order by wanted.aggregate_id, event.sequence_number`;

const findAggregate = "select aggregate_type from sequent_schema.aggregates where aggregate_id = $1";

const findKey = "select aggregate_id from sequent_schema.aggregate_unique_keys where scope = $1 and key = $2";

const findCommands = `
select command_id, command_type, aggregate_id, user_id, payload,
       cause_aggregate_id, cause_sequence_number, event_count, created_at
  from sequent_schema.commands
 where command_id = any ($1::uuid[])`;

/**
 * Positions are given out before a transaction commits, so a later one can be visible before an earlier one.
 * Nothing below the oldest transaction that still runs can come any more: only that is read, and in the order of
 * transactions first.
 */
const loadLog = `
select aggregate_id, sequence_number, event_type, event_version, payload, created_at, command_id, xact_id, position
  from sequent_schema.events
 where (xact_id, position) > ($1::xid8, $2::bigint)
   and xact_id < pg_snapshot_xmin(pg_current_snapshot())
 order by xact_id, position
 limit $3`;

interface LogRow extends EventRow {
  readonly command_id: string;
  readonly xact_id: string;
  readonly position: string;
}

interface CommandRow {
  readonly command_id: string;
  readonly command_type: string;
  readonly aggregate_id: string;
  readonly user_id: string | null;
  readonly payload: JsonObject;
  readonly cause_aggregate_id: string | null;
  readonly cause_sequence_number: number | null;
  readonly event_count: number;
  readonly created_at: Date;
}

function commandOf(row: CommandRow): StoredCommand {
  const { cause_aggregate_id: aggregateId, cause_sequence_number: sequenceNumber } = row;
  return {
    commandId: row.command_id,
    type: row.command_type,
    aggregateId: row.aggregate_id,
    payload: row.payload,
    userId: row.user_id ?? undefined,
    cause: aggregateId !== null && sequenceNumber !== null ? { aggregateId, sequenceNumber } : undefined,
    createdAt: row.created_at,
    eventCount: row.event_count,
  };
}
