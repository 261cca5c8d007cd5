import type { Knex } from "knex";
import type { ProjectorClass } from "../../projections/projector.ts";
import { quoted, viewSchema } from "./row-sql.ts";
import { rowCount, rows } from "./rows.ts";

/** A live view: the version of the projector that made its rows, and its tables. */
interface LiveView {
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

/** A projector, and the version of its view. Undefined if it has none. */
interface ViewState {
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

/** The projectors whose views are missing or have an older version. */
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
 * Removes the view of a projector that no build has any more. Until then, every build defers events for it. Returns false if there
 * is no such view. `knex` must have a transaction open.
 */
export async function forgetView(knex: Knex, projector: string): Promise<boolean> {
  for (const { name } of await rows<{ name: string }>(knex, selectOwnTables, { projector }))
    await knex.raw(`drop table if exists ${viewSchema}.${quoted(name)}`);
  const forget = "delete from sequent_schema.projector_states where projector = ?";
  return (await rowCount(knex, forget, [projector])) > 0;
}

/** Another projector may have taken over one of its tables. */
const selectOwnTables = `
select unnest(tables) as name from sequent_schema.projector_states where projector = :projector
except
select unnest(tables) from sequent_schema.projector_states where projector <> :projector`;
