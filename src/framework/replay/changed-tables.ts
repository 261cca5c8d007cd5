import type { Knex } from "knex";
import { isNullable, typeOf } from "../projections/column.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { viewSchema } from "../store/postgres/row-sql.ts";
import { rows } from "../store/postgres/rows.ts";
import { viewStates } from "../store/postgres/view-states.ts";

/** A table whose declaration has changed, but not the version of its projector. So nothing builds it again. */
interface ChangedTable {
  readonly projector: ProjectorClass;
  readonly table: string;
  readonly columns: readonly string[];
}

/** Compares the live tables with their declarations, if the live version is the version of this build. */
export async function changedTables(
  knex: Knex,
  projectors: readonly ProjectorClass[],
): Promise<ChangedTable[]> {
  const states = await viewStates(knex, projectors);
  const owners = new Map<string, ProjectorClass>();
  const declared: object[] = [];
  for (const { projector, liveVersion } of states) {
    if (liveVersion !== projector.version) continue;
    for (const { name, columns } of projector.tables) {
      owners.set(name, projector);
      for (const [column, declaration] of Object.entries(columns))
        declared.push({ table: name, column, type: typeOf(declaration), filled: !isNullable(declaration) });
    }
  }
  const bindings = [JSON.stringify(declared), viewSchema, [...owners.keys()]];
  const changed = await rows<{ table: string; columns: string[] }>(knex, differing, bindings);
  return changed.flatMap(({ table, columns }) => {
    const projector = owners.get(table);
    return projector ? [{ projector, table, columns }] : [];
  });
}

const differing = `
with declared as (
  select *
    from jsonb_to_recordset(?::jsonb) as declared ("table" text, "column" text, type text, filled boolean)
),
live as (
  select relname::text as "table", attname::text as "column", atttypid, attnotnull
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
   where relnamespace = to_regnamespace(?)
     and relname = any (?::text[])
     and attnum > 0
     and not attisdropped
)
select "table", array_agg("column" order by "column") as columns
  from declared
  full join live using ("table", "column")
 where (to_regtype(type), filled) is distinct from (atttypid::regtype, attnotnull)
 group by "table"
 order by "table"`;
