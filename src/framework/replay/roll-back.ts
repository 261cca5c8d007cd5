import type { Knex } from "knex";
import type { ProjectorClass } from "../projections/projector.ts";
import { quoted } from "../store/postgres/row-sql.ts";
import { rows } from "../store/postgres/rows.ts";
import { ReplayNotPossible } from "./errors.ts";
import { noteReplay } from "./prepare.ts";
import { replaySchema } from "./replay-state.ts";
import { archiveSchema } from "./switch-views.ts";

interface Archived {
  readonly projector: string;
  readonly version: number;
  readonly tables: readonly string[];
  readonly epoch: number;
  readonly position: string;
  readonly whole: boolean;
  /** How many of its tables still exist. */
  readonly there: number;
}

/** Turns the views that the last switch replaced into a replay that only has to catch up. */
export async function takeFromArchive(
  knex: Knex,
  projectors: readonly ProjectorClass[],
  owner: string,
): Promise<void> {
  await knex.transaction(async (transaction) => {
    const archived = await rows<Archived>(transaction, selectArchived);
    const [first] = archived;
    if (!first) throw new ReplayNotPossible("The archive is empty, so there is no older view to go back to.");
    await noteReplay(transaction, {
      projectors: archived.map((view) => projectorOf(view, projectors)),
      phase: "optimize", // its indexes exist, but roles may have got rights since
      owner,
      archived: first, // all were replaced at the same moment
    });
    for (const { projector, tables } of archived) {
      for (const table of tables) {
        await transaction.raw(`drop table if exists ${replaySchema}.${quoted(table)}`);
        await transaction.raw(`alter table ${archiveSchema}.${quoted(table)} set schema ${replaySchema}`);
      }
      await transaction.raw("delete from sequent_schema.archived_views where projector = ?", [projector]);
    }
  });
}

function projectorOf(view: Archived, projectors: readonly ProjectorClass[]): ProjectorClass {
  const { projector: name, version, tables, there, whole } = view;
  const whose = `The archived view is of ${name} ${version}`;
  if (there < tables.length)
    throw new ReplayNotPossible(`${whose} and was dropped. Replay it with the program that had it.`);
  if (!whole)
    throw new ReplayNotPossible(
      `${whose} and lacks events that were deferred for it. Replay it with the program that had it.`,
    );
  const found = projectors.find((each) => each.savedName === name);
  if (found?.version === version) return found;
  throw new ReplayNotPossible(
    `${whose}, and this program has ${found?.version ?? "no such projector"}: roll back with the program that had it.`,
  );
}

const selectArchived = `
select projector, version, tables, epoch, position::text, whole,
       (select count(*)::integer from pg_tables
         where schemaname = 'archive_schema' and tablename = any (tables)) as there
  from sequent_schema.archived_views
 where archived_at = (select max(archived_at) from sequent_schema.archived_views)
 order by projector`;
