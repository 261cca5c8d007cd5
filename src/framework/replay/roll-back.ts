import type { Knex } from "knex";
import type { ProjectorClass } from "../projections/projector.ts";
import { quoted } from "../store/postgres/row-sql.ts";
import { rows } from "../store/postgres/rows.ts";
import { ReplayNotPossible } from "./errors.ts";
import { noteReplay, replaySchema } from "./prepare.ts";
import { archiveSchema } from "./switch-views.ts";

interface Archived {
  readonly projector: string;
  readonly version: number;
  readonly tables: readonly string[];
  readonly epoch: number;
  readonly position: string;
  readonly whole: boolean;
  readonly isLast: boolean;
  readonly there: number;
}

/** Makes what rests in the archive a replay that has to catch up with what was stored since. */
export async function takeFromArchive(
  knex: Knex,
  wanted: {
    readonly names: readonly string[];
    readonly projectors: readonly ProjectorClass[];
    readonly owner: string;
  },
): Promise<void> {
  await knex.transaction(async (transaction) => {
    const archived = await archivedViews(transaction, wanted.names);
    const projectors = archived.map((view) => projectorOf(view, wanted.projectors));
    await noteReplay(transaction, {
      projectors,
      phase: "catch-up",
      owner: wanted.owner,
      ...(archived[0] && { archived: archived[0] }),
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

/** What the last switch replaced, or these: all must end with the same event. */
async function archivedViews(transaction: Knex.Transaction, names: readonly string[]): Promise<Archived[]> {
  const all = await rows<Archived>(transaction, selectArchived);
  for (const name of names) {
    if (!all.some(({ projector }) => projector === name))
      throw new ReplayNotPossible(`The archive has no view of ${name}.`);
  }
  const archived = all.filter(({ projector, isLast }) =>
    names.length > 0 ? names.includes(projector) : isLast,
  );
  if (archived.length === 0)
    throw new ReplayNotPossible("The archive is empty: there is nothing to go back to.");
  if (new Set(archived.map(({ epoch, position }) => `${epoch} ${position}`)).size > 1)
    throw new ReplayNotPossible(
      `These were replaced by different replays. Bring them back one by one: ${names.join(", ")}.`,
    );
  for (const { projector, tables, there, whole } of archived) {
    if (there < tables.length)
      throw new ReplayNotPossible(
        `The archived view of ${projector} was dropped. Replay it with the program that had it.`,
      );
    if (!whole)
      throw new ReplayNotPossible(
        `The archived view of ${projector} lacks events, for it was replaced while some were put aside for it. Replay it with the program that had it.`,
      );
  }
  return archived;
}

function projectorOf(
  { projector: name, version }: Archived,
  projectors: readonly ProjectorClass[],
): ProjectorClass {
  const found = projectors.find((each) => each.savedName === name);
  if (found?.version === version) return found;
  throw new ReplayNotPossible(
    `The archived view is of ${name} ${version}, and this program has ${found?.version ?? "no such projector"}: ` +
      "roll back with the program that had it.",
  );
}

const selectArchived = `
select projector, version, tables, epoch, position::text, whole,
       archived_at = (select max(archived_at) from sequent_schema.archived_views) as "isLast",
       (select count(*)::integer from pg_tables
         where schemaname = 'archive_schema' and tablename = any (tables)) as there
  from sequent_schema.archived_views
 order by projector`;
