import type { ProjectorClass } from "../projections/projector.ts";
import type { ViewWriter } from "./view-writer.ts";

/**
 * Says that the views of these projectors are live, with all that is stored in them: what other builds have put aside
 * for them is forgotten, and units of work that were made for the views before are refused and made again. In a
 * transaction that holds the tables in access exclusive mode, and has called `lock_views` before it read the last events.
 */
export async function goLive(writer: ViewWriter, projectors: readonly ProjectorClass[]): Promise<void> {
  for (const { savedName, version, tables } of projectors)
    await writer.query(noteVersion, [savedName, version, tables.map((table) => table.name)]);
}

const noteVersion = `
insert into sequent_schema.projector_states (projector, version, tables) values ($1, $2, $3)
on conflict (projector) do update
   set version = excluded.version, tables = excluded.tables, updated_at = clock_timestamp()`;
