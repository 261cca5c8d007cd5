import type { Knex } from "knex";
import type { JsonObject } from "../../attributes/attribute.ts";
import type { EventTypes } from "../../messages/event-types.ts";
import type { Metadata } from "../../messages/metadata.ts";
import type { ProjectorClass } from "../../projections/projector.ts";
import type {
  Decide,
  EventStore,
  EventStream,
  LoadOptions,
  LogEntry,
  LogPosition,
  StoredCommand,
  StoredSnapshot,
  StoreOptions,
} from "../event-store.ts";
import { storeOnCurrentViews } from "./catching-up.ts";
import { PostgresConnections } from "./connections.ts";
import { projectDeferred } from "./deferred-events.ts";
import { type EventRow, eventOf } from "./event-row.ts";
import { GroupCommit } from "./group-commit.ts";
import { LiveViews } from "./live-views.ts";
import { PostgresTransaction } from "./postgres-transaction.ts";
import { isSettled } from "./settled.ts";
import { loadStream, loadStreams, type StreamRow, streamsOf } from "./streams.ts";

/** Keeps events in Postgres (14 or later): the schema is in `sql/`, one object a file. */
export class PostgresEventStore implements EventStore {
  readonly #connections: PostgresConnections;
  readonly #eventTypes: EventTypes;
  readonly #liveViews: LiveViews;
  readonly #groupCommit: GroupCommit;

  constructor(knex: Knex, eventTypes: EventTypes) {
    this.#connections = new PostgresConnections(knex);
    this.#liveViews = new LiveViews(this.#connections);
    this.#groupCommit = new GroupCommit(this.#connections);
    this.#eventTypes = eventTypes;
  }

  async load(
    aggregateIds: readonly string[],
    { snapshotVersion, upTo = lastNumber }: LoadOptions = {},
  ): Promise<EventStream[]> {
    const ids = [...new Set(aggregateIds)];
    const [text, wanted] = ids.length === 1 ? [loadStream, ids[0]] : [loadStreams, ids];
    const rows = await this.#connections.all<StreamRow>(text, [
      wanted,
      snapshotVersion,
      Math.min(upTo, lastNumber),
    ]);
    return streamsOf(rows, this.#eventTypes, ids[0]);
  }

  async versionAt(aggregateId: string, time: Date): Promise<number> {
    const row = await this.#connections.first<{ version: number }>(findVersion, [aggregateId, time]);
    return row?.version ?? 0;
  }

  async storeSnapshot({
    aggregateId,
    snapshotVersion,
    sequenceNumber,
    state,
  }: StoredSnapshot): Promise<void> {
    const values = [aggregateId, snapshotVersion, sequenceNumber, JSON.stringify(state)];
    await this.#connections.all(keepSnapshot, values);
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
    const key = after === undefined ? logStart : logKeyOf(after);
    const rows = await this.#connections.all<LogRow>(loadLog, [...key, limit]);
    return rows.map((row) => ({
      event: eventOf(row, this.#eventTypes),
      commandId: row.command_id,
      ...askedBy(row),
      position: [row.epoch, row.xact_id, row.position].join(":"),
    }));
  }

  store(decide: Decide, options: StoreOptions = {}): Promise<void> {
    return storeOnCurrentViews(
      () => this.#storeOnce(decide, options),
      () => this.catchUp(options.projectors ?? []),
    );
  }

  async #storeOnce(decide: Decide, { projectors, dryRun = false }: StoreOptions): Promise<void> {
    const views = projectors && (await this.#liveViews.seenBy(projectors));
    const transaction = new PostgresTransaction(
      this.#connections,
      this.#groupCommit,
      this.#eventTypes,
      views,
    );
    try {
      const unit = await decide(transaction, views?.live ?? []);
      if (dryRun) return await transaction.dryRun(unit);
      await transaction.commit(unit);
      if (views) await this.#liveViews.whenProjected(unit, views);
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  async catchUp(projectors: readonly ProjectorClass[]): Promise<void> {
    const failures: unknown[] = [];
    for (const projector of await this.#liveViews.lookAgain(projectors))
      await projectDeferred(this.#connections, projector, this.#eventTypes).catch((error) =>
        failures.push(error),
      );
    if (failures.length > 0) throw failures[0]; // one that fails does not keep the others behind
  }
}

/** The greatest that Postgres takes for a sequence number. */
const lastNumber = 2_147_483_647;

const findVersion = `
select max(sequence_number) as version
  from sequent_schema.events
 where aggregate_id = $1 and created_at <= $2`;

const keepSnapshot = `
insert into sequent_schema.aggregate_snapshots as kept (aggregate_id, snapshot_version, sequence_number, state)
values ($1, $2, $3, $4)
on conflict (aggregate_id, snapshot_version) do update
   set sequence_number = excluded.sequence_number, state = excluded.state, created_at = excluded.created_at
 where kept.sequence_number < excluded.sequence_number`;

const findAggregate = "select aggregate_type from sequent_schema.aggregates where aggregate_id = $1";

const findKey = "select aggregate_id from sequent_schema.aggregate_unique_keys where scope = $1 and key = $2";

const findCommands = `
select command_id, command_type, aggregate_id, user_id, payload, metadata,
       cause_aggregate_id, cause_sequence_number, event_count, created_at,
       (select max(sequence_number)
          from sequent_schema.events
         where events.aggregate_id = commands.aggregate_id
           and events.command_id = commands.command_id) as version
  from sequent_schema.commands
 where command_id = any ($1::uuid[])`;

/** Commands are looked up one by one: left to itself, the planner may read all of them. */
const loadLog = `
select event.*, command.*
  from (
         select aggregate_id, sequence_number, event_type, event_version, payload, created_at, command_id,
                epoch, xact_id, position
           from sequent_schema.events
          where (epoch, xact_id, position) > ($1::integer, $2::xid8, $3::bigint)
            and ${isSettled}
          order by epoch, xact_id, position
          limit $4
       ) as event
  left join lateral (
         select user_id, cause_aggregate_id, cause_sequence_number, metadata
           from sequent_schema.commands
          where commands.command_id = event.command_id
         offset 0
       ) as command on true
 order by epoch, xact_id, position`;

const logStart = ["0", "0", "0"];

function logKeyOf(position: LogPosition): string[] {
  const key = position.split(":");
  if (key.length === 3) return key;
  throw new TypeError(`"${position}" is no position of this log. A position looks like "1:4711:42".`);
}

interface LogRow extends EventRow, AskedRow {
  readonly command_id: string;
  readonly epoch: number;
  readonly xact_id: string;
  readonly position: string;
}

interface AskedRow {
  readonly user_id: string | null;
  readonly cause_aggregate_id: string | null;
  readonly cause_sequence_number: number | null;
  readonly metadata: Metadata | null;
}

interface CommandRow extends AskedRow {
  readonly command_id: string;
  readonly command_type: string;
  readonly aggregate_id: string;
  readonly payload: JsonObject;
  readonly event_count: number;
  readonly version: number | null;
  readonly created_at: Date;
}

function commandOf(row: CommandRow): StoredCommand {
  return {
    commandId: row.command_id,
    type: row.command_type,
    aggregateId: row.aggregate_id,
    payload: row.payload,
    ...askedBy(row),
    createdAt: row.created_at,
    eventCount: row.event_count,
    version: row.version ?? undefined,
  };
}

/** Who asked for it and why, and what else is known of that. */
function askedBy(row: AskedRow): Pick<StoredCommand, "userId" | "cause" | "metadata"> {
  const { cause_aggregate_id: aggregateId, cause_sequence_number: sequenceNumber } = row;
  return {
    userId: row.user_id ?? undefined,
    cause: aggregateId !== null && sequenceNumber !== null ? { aggregateId, sequenceNumber } : undefined,
    metadata: row.metadata ?? undefined,
  };
}
