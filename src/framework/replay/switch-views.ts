import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../errors/describe-error.ts";
import { quoted, viewSchema } from "../store/postgres/row-sql.ts";
import { isLockTimeout } from "../store/postgres/store-error.ts";
import { type CatchUp, catchUp, catchUpRound } from "./catch-up.ts";
import { ReplayNotPossible } from "./errors.ts";
import { goLive } from "./go-live.ts";
import { refuseIfLost } from "./ownership.ts";
import { replaySchema } from "./prepare.ts";
import type { ReplayedProjector } from "./replay-state.ts";

export const archiveSchema = "archive_schema";

/** Whoever waits behind us for a table waits as long as we do for it. */
const patience = "20ms";
const mostTries = 200;

interface LiveView {
  readonly name: string;
  readonly version: number | null;
  readonly tables: readonly string[];
}

/**
 * Puts the new tables in the place of the old ones, which rest in the archive until the next replay. One transaction,
 * which nobody can store events beside: it waits for a moment only, and tries again where it does not get the tables.
 */
export async function switchViews(
  catching: CatchUp,
  projectors: readonly ReplayedProjector[],
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await catchUp(catching, () => {}); // so that next to nothing is left for when everybody waits
    try {
      await switchOnce(catching, projectors);
      return;
    } catch (error) {
      await catching.writer.rollback();
      if (!isBusy(error)) throw error;
      if (tries === mostTries)
        throw new ReplayNotPossible(
          "The tables of the views are in use all the time, so that they cannot be replaced. What was built is kept: " +
            "end the long transactions that read them (see pg_stat_activity), then: npm run replay -- switch",
          { cause: error },
        );
    }
    await sleep(50 + Math.random() * 200);
  }
}

async function switchOnce(catching: CatchUp, projectors: readonly ReplayedProjector[]): Promise<void> {
  const { writer, owner } = catching;
  await writer.query("set local synchronous_commit = on");
  await writer.query(`set local lock_timeout = '${patience}'`);
  const live = await writer.query<LiveView>(selectLiveViews, [JSON.stringify(projectors)]);
  const tables = live.flatMap((view) => view.tables.map((table) => `${viewSchema}.${quoted(table)}`)).sort();
  // First the tables, then the views, for so do those who store: see lock_views.
  if (tables.length > 0) await writer.query(`lock table ${tables.join(", ")} in access exclusive mode`);
  await writer.query("select sequent_schema.lock_views()");
  await writer.query("set local lock_timeout = '2s'");
  while ((await catchUpRound(catching, true)) > 0);
  for (const view of live) await archive(catching, view);
  for (const table of projectors.flatMap((projector) => projector.tables)) {
    await writer.query(`alter table ${replaySchema}.${quoted(table)} set schema ${viewSchema}`);
  }
  await goLive(writer, catching.projectors);
  await refuseIfLost(writer, owner);
  await writer.query("delete from sequent_schema.replay_parts");
  await writer.query("delete from sequent_schema.replays");
  await writer.commit();
}

async function archive({ writer }: CatchUp, { name, version, tables }: LiveView): Promise<void> {
  const [before] = await writer.query<{ tables: string[] }>(forgetArchived, [name]);
  for (const table of new Set([...(before?.tables ?? []), ...tables])) {
    await writer.query(`drop table if exists ${archiveSchema}.${quoted(table)}`);
  }
  for (const table of tables) {
    await writer.query(`alter table ${viewSchema}.${quoted(table)} set schema ${archiveSchema}`);
  }
  if (version !== null) await writer.query(noteArchived, [name, version, tables]);
}

function isBusy(error: unknown): boolean {
  return isLockTimeout(error) || codeOf(error) === "40P01";
}

/** The tables that the projectors have now, and those of another owner that have the names of new ones. */
const selectLiveViews = `
select wanted.name, state.version,
       array(select tablename::text from pg_tables
              where schemaname = 'view_schema'
                and (tablename = any (state.tables) or wanted.tables ? tablename::text)) as tables
  from jsonb_to_recordset($1::jsonb) as wanted (name text, tables jsonb)
  left join sequent_schema.projector_states as state on state.projector = wanted.name`;

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
