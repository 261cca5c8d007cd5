import type { Knex } from "knex";
import { StoreUnavailable, ViewsNotCurrent } from "../../errors/store-errors.ts";
import type { EventTypes } from "../../messages/event-types.ts";
import type { ProjectorClass } from "../../projections/projector.ts";
import { ProjectorFailed } from "../../projections/projector-failed.ts";
import type {
  Decide,
  EventStore,
  EventStream,
  LoadOptions,
  StoredCommand,
  StoredSnapshot,
  StoreOptions,
} from "../event-store.ts";
import { type AskedRow, askedColumns, askedOf } from "./columns.ts";
import { PostgresConnections } from "./connections.ts";
import { projectDeferred } from "./deferred-events.ts";
import { GroupCommit } from "./group-commit.ts";
import { LiveViews } from "./live-views.ts";
import { PostgresTransaction } from "./postgres-transaction.ts";
import { loadStream, loadStreams, type StreamRow, streamsOf } from "./streams.ts";

/** The event store on Postgres (14 or later). The schema is in `sql/`, one object in each file. */
export class PostgresEventStore implements EventStore {
  readonly #connections: PostgresConnections;
  readonly #eventTypes: EventTypes;
  readonly #liveViews: LiveViews;
  readonly #groupCommit: GroupCommit;
  readonly #onStored: () => void;

  /** `onStored` is called after each commit. */
  constructor(knex: Knex, eventTypes: EventTypes, onStored: () => void = () => {}) {
    this.#onStored = onStored;
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
    return rows.map((row) => ({ ...row, ...askedOf(row), version: row.version ?? undefined }));
  }

  /**
   * If the views have changed since the unit of work began, it catches up and begins again. A projector may fail only because
   * rows are old or of another version, so that is tried once more, too.
   */
  async store(decide: Decide, options: StoreOptions = {}): Promise<void> {
    const giveUpAt = performance.now() + patienceMs;
    let hasFailed = false;
    for (let isBehind = false; ; isBehind = true) {
      try {
        if (isBehind) await this.catchUp(options.projectors ?? []);
        return await this.#storeOnce(decide, options);
      } catch (error) {
        if (error instanceof ViewsNotCurrent) {
          if (performance.now() > giveUpAt) throw new StoreUnavailable(false, { cause: error });
        } else {
          if (!(error instanceof ProjectorFailed) || hasFailed) throw error;
          hasFailed = true;
        }
      }
    }
  }

  async #storeOnce(decide: Decide, { projectors, dryRun = false }: StoreOptions): Promise<void> {
    const views = projectors && (await this.#liveViews.seenBy(projectors));
    const transaction = new PostgresTransaction(this.#connections, this.#groupCommit, views);
    try {
      const unit = await decide(transaction, views?.live ?? []);
      for (const { events } of unit.commands) for (const event of events) this.#eventTypes.checkListed(event);
      if (dryRun) return await transaction.dryRun(unit);
      await transaction.commit(unit);
      this.#onStored();
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
    if (failures.length > 0) throw failures[0]; // a failure of one does not hold up the others
  }
}

const patienceMs = 2_000;

/** The largest sequence number in Postgres. */
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
select command.command_id as "commandId",
       command.command_type as type,
       command.aggregate_id as "aggregateId",
       command.payload,
       command.created_at as "createdAt",
       command.event_count as "eventCount",
       ${askedColumns},
       (select max(sequence_number)
          from sequent_schema.events
         where events.aggregate_id = command.aggregate_id
           and events.command_id = command.command_id) as version
  from sequent_schema.commands as command
 where command.command_id = any ($1::uuid[])`;

type CommandRow = Omit<StoredCommand, keyof AskedRow | "version"> &
  AskedRow & { readonly version: number | null };
