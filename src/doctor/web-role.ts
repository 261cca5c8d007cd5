import { rows } from "#sequent/operations";
import { type Check, ok, orOk, problem, warning } from "./finding.ts";

const mend = 'psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -1 -f src/database/web-role.sql';

/** Checks that the role of the running blog has the rights that the blog needs, and cannot rewrite history. */
export const webRole: Check = async ({ knex, isServer, webRole: role }) => {
  if (!isServer) return [ok("the embedded Postgres has one user only")];
  if ((await rows(knex, "select from pg_roles where rolname = ?", [role])).length === 0)
    return [warning(`there is no role ${role}: the blog runs as the owner, who can rewrite history`, mend)];
  const wrong = await rows<{ name: string; right: string; wanted: boolean }>(knex, rights, { role });
  return orOk(
    wrong.map(({ name, right, wanted }) =>
      problem(
        `${role} ${wanted ? "has no" : "has the"} right to ${right} on ${name}`,
        wanted ? mend : `psql "$DATABASE_URL" -c "revoke ${right} on ${name} from ${role}, public"`,
      ),
    ),
    `${role} has only the rights that the blog needs`,
  );
};

/** The role may read everything, write views and counts, and add facts, but never change facts. */
const rights = `
select distinct name, lower(wish.right) as right, wanted
  from pg_tables
 cross join lateral (select format('%I.%I', schemaname, tablename) as name) as named
 cross join lateral (
         select schemaname in ('view_schema', 'web_schema')
                or tablename in ('subscriptions', 'parked_aggregates') as changes
       ) as kind
 cross join lateral (
         values ('SELECT', true),
                ('INSERT', changes or tablename in ('commands', 'aggregates', 'events', 'log_epochs')),
                ('UPDATE', changes or tablename = 'aggregates'),
                ('DELETE', changes or tablename = 'aggregate_unique_keys'),
                ('UPDATE', false), ('DELETE', false), ('TRUNCATE', false)
       ) as wish ("right", wanted)
 where schemaname in ('sequent_schema', 'view_schema', 'web_schema')
   and not (select relispartition from pg_class where oid = name::regclass) -- rights on the whole table are enough
   and case
         when wanted and wish.right = 'UPDATE' then not has_any_column_privilege(:role::name, name, wish.right)
         when wanted then not has_table_privilege(:role::name, name, wish.right)
         else tablename in ('commands', 'aggregates', 'events', 'log_epochs') and schemaname = 'sequent_schema'
              and has_table_privilege(:role::name, name, wish.right)
       end
 order by 1, 2`;
