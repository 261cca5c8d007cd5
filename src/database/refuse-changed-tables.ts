import type { Knex } from "knex";
import { changedTables, NotWired, type ProjectorClass } from "#sequent/operations";

/** A table that is declared with other columns must be made anew, or the first command would fail. */
export async function refuseChangedTables(knex: Knex, projectors: readonly ProjectorClass[]): Promise<void> {
  const changed = await changedTables(knex, projectors);
  if (changed.length === 0) return;
  throw new NotWired(
    changed.map(
      ({ table, columns, projector: { savedName, version } }) =>
        `The table "${table}" is declared otherwise than it was made (${columns.join(", ")}), but ${savedName} still has version ${version}. Raise it: Projector("${savedName}", { version: ${version + 1}, … }).`,
    ),
  );
}
