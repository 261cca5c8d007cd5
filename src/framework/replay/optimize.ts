import type { Table } from "../projections/table.ts";
import { quoted } from "../store/postgres/row-sql.ts";
import { tableSql } from "../store/postgres/schema.ts";
import { replaySchema } from "./replay-state.ts";
import type { ViewWriter } from "./view-writer.ts";

/** Makes the indexes and the statistics, and gives roles the same rights as on the old tables. */
export async function optimize(
  writer: ViewWriter,
  tables: readonly Table[],
  onTable: (done: number) => void,
): Promise<void> {
  for (const [place, table] of tables.entries()) {
    const target = `${replaySchema}.${quoted(table.name)}`;
    for (const sql of tableSql(table, replaySchema).slice(1)) await writer.query(sql);
    await writer.query(`analyze ${target}`);
    for (const { grantee, privileges } of await writer.query<Grant>(selectGrants, [table.name])) {
      await writer.query(`grant ${privileges} on ${target} to ${grantee}`);
    }
    await writer.commit();
    onTable(place + 1);
  }
}

interface Grant {
  readonly grantee: string;
  readonly privileges: string;
}

/** The rights on the live table, and the default rights on every new table of its schema. */
const selectGrants = `
select case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end as grantee,
       string_agg(distinct privilege_type, ', ') as privileges
  from (select granted.*
          from pg_class, aclexplode(relacl) as granted
         where pg_class.oid = to_regclass('view_schema.' || quote_ident($1))
           and grantee <> relowner
         union all
        select granted.*
          from pg_default_acl, aclexplode(defaclacl) as granted
         where defaclnamespace = 'view_schema'::regnamespace
           and defaclobjtype = 'r'
           and defaclrole = current_user::regrole
           and grantee <> defaclrole
       ) as grants
 group by grantee`;
