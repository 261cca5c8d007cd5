import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../errors/describe-error.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { quoted, viewSchema } from "../store/postgres/row-sql.ts";
import { type CatchUp, catchUp } from "./catch-up.ts";
import { ReplayNotPossible } from "./errors.ts";
import { refuseIfLost } from "./ownership.ts";
import { replaySchema, stateOf } from "./replay-state.ts";
import { ViewWriter } from "./view-writer.ts";

export const archiveSchema = "archive_schema";

/** While we wait for a table, all others who need it wait behind us. */
const patience = "20ms";
const mostTries = 200;

/**
 * Catches up, and replaces the old tables by the new ones. The old ones stay in the archive until the next replay. Nobody can
 * store events while its transaction runs. So it waits only a moment for a lock, and tries again later.
 */
export async function switchViews(catching: CatchUp): Promise<void> {
  const writer = ViewWriter.open(catching.connection, replaySchema, catching.owner);
  for (let tries = 1; ; tries += 1) {
    await catchUp(catching, writer); // so almost nothing is left to do while everybody waits
    try {
      return await switchOnce(catching, writer);
    } catch (error) {
      await writer.rollback();
      if (!["55P03", "40P01"].includes(codeOf(error) ?? "")) throw error;
      if (tries === mostTries)
        throw new ReplayNotPossible(
          "The tables of the views are in use all the time, so they cannot be replaced. The new views are kept: " +
            "end the long transactions that read them (see pg_stat_activity), then: npm run replay",
          { cause: error },
        );
    }
    await sleep(50 + Math.random() * 200);
  }
}

async function switchOnce(catching: CatchUp, writer: ViewWriter): Promise<void> {
  const { projectors, owner, connection } = catching;
  await writer.query("set local synchronous_commit = on");
  await writer.query(`set local lock_timeout = '${patience}'`);
  const replaced = await writer.query<Replaced>(selectReplaced, [JSON.stringify(projectors.map(stateOf))]);
  const tables = replaced.flatMap((view) => view.tables.map((table) => `${viewSchema}.${quoted(table)}`));
  // First the tables, then the views, because units of work lock them in this order: see lock_views.
  if (tables.length > 0)
    await writer.query(`lock table ${tables.sort().join(", ")} in access exclusive mode`);
  await writer.query("select sequent_schema.lock_views()");
  await writer.query("set local lock_timeout = '2s'");
  await catchUp(catching, ViewWriter.inTransaction(connection, replaySchema), { toTheEnd: true });
  for (const view of replaced) await archive(writer, view);
  for (const table of projectors.flatMap((projector) => projector.tables)) {
    await writer.query(`alter table ${replaySchema}.${quoted(table.name)} set schema ${viewSchema}`);
  }
  await goLive(writer, projectors);
  await refuseIfLost(writer, owner);
  await writer.query("delete from sequent_schema.replay_parts");
  await writer.query("delete from sequent_schema.replays");
  await writer.commit();
}

async function archive(writer: ViewWriter, { name, version, tables }: Replaced): Promise<void> {
  const [before] = await writer.query<{ tables: string[] }>(forgetArchived, [name]);
  for (const table of new Set([...(before?.tables ?? []), ...tables])) {
    await writer.query(`drop table if exists ${archiveSchema}.${quoted(table)}`);
  }
  for (const table of tables) {
    await writer.query(`alter table ${viewSchema}.${quoted(table)} set schema ${archiveSchema}`);
  }
  if (version !== null) await writer.query(noteArchived, [name, version, tables]);
}

/**
 * Notes that the views of these projectors are live, with all stored events in them. So events that were deferred for them
 * are deleted, and units of work that were made for the old views are refused and made again. The transaction holds the
 * tables in access exclusive mode, and has called `lock_views` before it read the last events.
 */
export async function goLive(writer: ViewWriter, projectors: readonly ProjectorClass[]): Promise<void> {
  for (const { name, version, tables } of projectors.map(stateOf))
    await writer.query(noteVersion, [name, version, tables]);
}

interface Replaced {
  readonly name: string;
  readonly version: number | null;
  readonly tables: readonly string[];
}

/** The present tables of the projectors, and tables of other projectors with the names of new ones. */
const selectReplaced = `
select wanted.name, state.version,
       array(select tablename::text from pg_tables
              where schemaname = 'view_schema'
                and (tablename = any (state.tables) or wanted.tables ? tablename::text)) as tables
  from jsonb_to_recordset($1::jsonb) as wanted (name text, tables jsonb)
  left join sequent_schema.projector_states as state on state.projector = wanted.name`;

const noteVersion = `
insert into sequent_schema.projector_states (projector, version, tables) values ($1, $2, $3)
on conflict (projector) do update
   set version = excluded.version, tables = excluded.tables, updated_at = clock_timestamp()`;

/**
 * Now the rows contain all stored events. Later events have a later epoch or a higher position. Their transaction may be
 * an earlier one, so it is not noted.
 */
const noteArchived = `
insert into sequent_schema.archived_views (projector, version, tables, epoch, position, whole)
select $1, $2, $3, epoch, case when is_called then last_value else 0 end,
       not exists (select from sequent_schema.deferred_events where projector = $1)
  from sequent_schema.events_position_seq
 cross join sequent_schema.current_epoch()`;

const forgetArchived = "delete from sequent_schema.archived_views where projector = $1 returning tables";
