import type { Knex } from "knex";
import { quoted, viewSchema } from "./row-sql.ts";
import { rowCount, rows } from "./rows.ts";

/**
 * Takes away the view of a projector that no build has any more; until then, every build puts its events aside. False
 * where there is none. In a transaction that `knex` has open.
 */
export async function forgetView(knex: Knex, projector: string): Promise<boolean> {
  for (const { name } of await rows<{ name: string }>(knex, selectOwnTables, { projector }))
    await knex.raw(`drop table if exists ${viewSchema}.${quoted(name)}`);
  const states = "delete from sequent_schema.projector_states where projector = ?";
  return (await rowCount(knex, states, [projector])) > 0;
}

/** Another projector may have taken a table over. */
const selectOwnTables = `
select unnest(tables) as name from sequent_schema.projector_states where projector = :projector
except
select unnest(tables) from sequent_schema.projector_states where projector <> :projector`;
