-- A role that may do what the blog does while it runs, and nothing more: it adds facts, but cannot change them, nor
-- any table. Run this once as the owner of the tables, after `npm run migrate`, and again after an update of the blog:
--
--   psql "$OWNER_DATABASE_URL" -v ON_ERROR_STOP=1 -1 -f src/database/web-role.sql
--   psql "$OWNER_DATABASE_URL" -c "create role blog_web login password '…' in role sequent_blog_web"
--
-- The blog then runs with the DATABASE_URL of blog_web; migrations run with that of the owner.

-- Roles belong to the whole server. It may be there already, and then an owner who cannot make roles may run this, too.
do $$
begin
  if exists (select from pg_roles where rolname = 'sequent_blog_web') then
    return;
  end if;
  create role sequent_blog_web nologin;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception '% may not make the role sequent_blog_web: let one who may run this first: create role sequent_blog_web nologin', current_user
      using errcode = 'insufficient_privilege';
end;
$$;

grant usage on schema sequent_schema, view_schema, web_schema to sequent_blog_web;

-- Facts: added and read, to decide about commands and to show what was.
grant select, insert
   on sequent_schema.commands, sequent_schema.aggregates, sequent_schema.events, sequent_schema.log_epochs
   to sequent_blog_web;

-- An aggregate is closed, and its row is not changed otherwise.
grant update (is_closed) on sequent_schema.aggregates to sequent_blog_web;

-- Keys are taken and freed, never changed.
grant select, insert, delete on sequent_schema.aggregate_unique_keys to sequent_blog_web;

-- Snapshots are made of facts and can be made again.
grant select, insert, update, delete on sequent_schema.aggregate_snapshots to sequent_blog_web;

grant select
   on sequent_schema.projector_states, sequent_schema.live_views,
      sequent_schema.replays, sequent_schema.replay_parts, sequent_schema.archived_views
   to sequent_blog_web;

-- Deferred events, until another build has projected them.
grant select, insert, delete on sequent_schema.deferred_events to sequent_blog_web;

-- Views are made of facts and can be made again. Those of projectors to come belong to the role that runs this.
grant select, insert, update, delete on all tables in schema view_schema to sequent_blog_web;
alter default privileges in schema view_schema
  grant select, insert, update, delete on tables to sequent_blog_web;

grant select, insert, update, delete on web_schema.rate_limits to sequent_blog_web;

-- To see that the schema is up to date.
grant select on public.knex_migrations, public.knex_migrations_lock to sequent_blog_web;

-- Until Postgres 15 everybody may create tables in "public".
revoke create on schema public from public;
