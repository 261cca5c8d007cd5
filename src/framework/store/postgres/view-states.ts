import type { Knex } from "knex";
import type { ProjectorClass } from "../../projections/projector.ts";
import { quoted, viewSchema } from "./row-sql.ts";
import { rowCount, rows } from "./rows.ts";

/** A view that is live: the version of its projector that its rows come from, and its tables. */
export interface LiveView {
  readonly projector: string;
  readonly version: number;
  readonly tables: readonly string[];
}

export function liveViews(knex: Knex): Promise<LiveView[]> {
  return rows<LiveView>(
    knex,
    "select projector, version, tables from sequent_schema.projector_states order by projector",
  );
}

/** A projector, and the version that its view comes from; undefined where it has none. */
export interface ViewState {
  readonly projector: ProjectorClass;
  readonly liveVersion: number | undefined;
}

export async function viewStates(knex: Knex, projectors: readonly ProjectorClass[]): Promise<ViewState[]> {
  const live = await liveViews(knex);
  return projectors.map((projector) => ({
    projector,
    liveVersion: live.find((view) => view.projector === projector.savedName)?.version,
  }));
}

/** The projectors whose views are missing or older than they are. */
export async function dueProjectors(
  knex: Knex,
  projectors: readonly ProjectorClass[],
): Promise<ProjectorClass[]> {
  const states = await viewStates(knex, projectors);
  return states
    .filter(({ projector, liveVersion = 0 }) => liveVersion < projector.version)
    .map(({ projector }) => projector);
}

/**
 * Removes the view of a projector that no build has any more. Until then, every build defers events for it. False if there
 * is none. In a transaction that `knex` has open.
 */
export async function forgetView(knex: Knex, projector: string): Promise<boolean> {
  for (const { name } of await rows<{ name: string }>(knex, selectOwnTables, { projector }))
    await knex.raw(`drop table if exists ${viewSchema}.${quoted(name)}`);
  const forget = "delete from sequent_schema.projector_states where projector = ?";
  return (await rowCount(knex, forget, [projector])) > 0;
}

/** Another projector may have taken a table over. */
const selectOwnTables = `
select unnest(tables) as name from sequent_schema.projector_states where projector = :projector
except
select unnest(tables) from sequent_schema.projector_states where projector <> :projector`;
