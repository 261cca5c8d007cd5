import type { Knex } from "knex";
import { erased } from "../attributes/personal.ts";
import type { CommandService } from "../commands/command-service.ts";
import { AggregateClosed } from "../errors/store-errors.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import type { EventClass } from "../messages/event.ts";
import { ReplayUnderWay } from "../replay/errors.ts";
import { replayState } from "../replay/replay-state.ts";
import { oneRow, rows } from "../store/postgres/rows.ts";
import { type Declarations, findPersonalAttributes, type PersonalAttributes } from "./personal-attributes.ts";
import { type OnTable, type Search, searchEveryTable } from "./search-every-table.ts";

interface PersonalErasureOptions extends Declarations {
  /** A connection as the owner of the tables, without time limits. */
  readonly knex: Knex;
  readonly commandService: Pick<CommandService, "executeCommands">;
}

/** How much was erased from events and commands, and what the search found elsewhere. */
interface Erasure {
  readonly events: number;
  readonly commands: number;
  /** Undefined if there was nothing to erase, so there was nothing to search for. */
  readonly search: Search | undefined;
}

interface ErasureWishes {
  /** Only count the personal data and search for it. */
  readonly dryRun?: boolean;
  readonly onTable?: OnTable;
}

/**
 * Erases the personal data of an aggregate. First a command records the erasure, then the marked attributes are erased from its events
 * and commands. Safe to rerun if interrupted: the texts stay in the events until the search for them has ended.
 *
 *     await new PersonalErasure(options).erase(new EraseAuthor({ aggregateId, by: "ben" }));
 */
export class PersonalErasure {
  readonly #options: PersonalErasureOptions;

  constructor(options: PersonalErasureOptions) {
    this.#options = options;
  }

  async erase(command: BaseCommand, { dryRun = false, onTable }: ErasureWishes = {}): Promise<Erasure> {
    const { knex } = this.#options;
    await refuseWithoutRight(knex);
    await refuseDuringReplay(knex);
    if (!dryRun) await this.#record(command);
    return knex.transaction(async (transaction) => {
      const found = await findPersonalAttributes(transaction, command.aggregateId, this.#options);
      const { values, events, commands } = found;
      if (!dryRun) await eraseFacts(transaction, command.aggregateId, found);
      const search = values.length > 0 ? await searchEveryTable(transaction, values, onTable) : undefined;
      return { events: events.length, commands: commands.length, search };
    });
  }

  /**
   * Erases what is left after an erasure was recorded, for a person who waits for a page. It searches no other tables, so it gives no
   * certificate.
   */
  async finish(aggregateId: string): Promise<void> {
    const { knex } = this.#options;
    await refuseWithoutRight(knex);
    await refuseDuringReplay(knex);
    await knex.transaction(async (transaction) => {
      const found = await findPersonalAttributes(transaction, aggregateId, this.#options);
      await eraseFacts(transaction, aggregateId, found);
    });
  }

  /**
   * Aggregates that still have personal data, though their erasure is recorded: it was stopped half-way, or a snapshot was stored
   * just after it.
   */
  async unfinished(erasures: readonly EventClass[]): Promise<string[]> {
    const { knex } = this.#options;
    const types = erasures.map(({ type }) => type);
    const older = await rows<{ aggregate_id: string }>(knex, olderSnapshots, [types]);
    const unfinished = older.map(({ aggregate_id }) => aggregate_id);
    for (const { aggregateId } of await recordedErasures(knex, erasures)) {
      if (unfinished.includes(aggregateId)) continue;
      const { events, commands } = await findPersonalAttributes(knex, aggregateId, this.#options);
      if (events.length + commands.length > 0) unfinished.push(aggregateId);
    }
    return unfinished;
  }

  /** An erasure closes the aggregate. It may be recorded already, by a run that was interrupted. */
  async #record(command: BaseCommand): Promise<void> {
    const { knex, commandService } = this.#options;
    try {
      await commandService.executeCommands(command);
    } catch (error) {
      if (!(error instanceof AggregateClosed)) throw error;
      const recorded = await rows(knex, sameCommand, [command.aggregateId, command.class.type]);
      if (recorded.length === 0) throw error;
    }
  }
}

async function eraseFacts(
  transaction: Knex.Transaction,
  aggregateId: string,
  { events, commands }: PersonalAttributes,
): Promise<void> {
  // A replay takes the same lock when it begins. Otherwise it would copy personal data while we erase it.
  await transaction.raw("lock table sequent_schema.projector_states in share row exclusive mode");
  await refuseDuringReplay(transaction);
  await transaction.raw("select sequent_schema.erase_personal(?, ?, ?)", [
    ...[aggregateId, JSON.stringify(events), JSON.stringify(commands)],
  ]);
  // The events of a parked aggregate are read again. But its error may quote them.
  await transaction.raw("update sequent_schema.parked_aggregates set error = ? where aggregate_id = ?", [
    ...[erased, aggregateId],
  ]);
  // Drop the archived views: nobody knows any more which of their columns are personal.
  for (const table of await tablesOf(transaction, ["archive_schema"]))
    await transaction.raw(`drop table ${table}`);
  await transaction.raw("delete from sequent_schema.archived_views");
}

interface RecordedErasure {
  readonly aggregateId: string;
  readonly type: string;
  readonly at: Date;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export function recordedErasures(knex: Knex, erasures: readonly EventClass[]): Promise<RecordedErasure[]> {
  return rows<RecordedErasure>(knex, selectErasures, [erasures.map(({ type }) => type)]);
}

/** Only the owner of the tables may erase. */
export class ErasureNotAllowed extends Error {
  constructor() {
    super("This database user may not erase. Run it with the DATABASE_URL of the owner of the tables.");
  }
}

async function refuseWithoutRight(knex: Knex): Promise<void> {
  const { allowed } = await oneRow<{ allowed: boolean }>(
    knex,
    "select has_function_privilege('sequent_schema.erase_personal(uuid, jsonb, jsonb)', 'execute') as allowed",
  );
  if (!allowed) throw new ErasureNotAllowed();
}

async function refuseDuringReplay(knex: Knex): Promise<void> {
  if (await replayState(knex)) throw new ReplayUnderWay();
}

/**
 * Changed and deleted rows stay in the files until a vacuum after the last transaction that may read them. The statistics of the
 * planner hold samples of them until they are made again.
 */
export async function vacuum(knex: Knex): Promise<void> {
  for (const table of await tablesOf(knex, ["sequent_schema", "view_schema"]))
    await knex.raw(`vacuum (analyze) ${table}`);
}

async function tablesOf(knex: Knex, schemas: string[]): Promise<string[]> {
  const tables = await rows<{ name: string }>(
    knex,
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = any (?) order by 1",
    [schemas],
  );
  return tables.map(({ name }) => name);
}

const sameCommand = "select from sequent_schema.commands where aggregate_id = ? and command_type = ? limit 1";

const olderSnapshots = `
select distinct aggregate_id
  from sequent_schema.aggregate_snapshots as snapshot
  join sequent_schema.events as erasure using (aggregate_id)
 where erasure.event_type = any (?)
   and snapshot.sequence_number < erasure.sequence_number`;

const selectErasures = `
select aggregate_id as "aggregateId", event_type as type, created_at as at, payload as attributes
  from sequent_schema.events
 where event_type = any (?)
 order by epoch, position`;
