/** Only people can fill it with forms, but a program could try to fill the disk. */
const mostBytes = 1_000_000_000;

export const keptFormSql = {
  keep: `
insert into web_schema.kept_forms as kept (id, sealed, expires_at)
select $1, $2, now() + interval '1 day'
 where pg_total_relation_size('web_schema.kept_forms') < ${mostBytes}
    on conflict on constraint kept_forms_pkey do update
   set sealed = excluded.sealed, expires_at = excluded.expires_at
returning id`,

  find: "select sealed from web_schema.kept_forms where id = $1 and expires_at > now()",

  forget: "delete from web_schema.kept_forms where id = $1",

  clean: `
delete from web_schema.kept_forms
 where id in (select id from web_schema.kept_forms where expires_at <= now() order by id for update skip locked)`,
};
