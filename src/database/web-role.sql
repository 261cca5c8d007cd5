-- A role with only the rights that the running blog needs: it may add facts, but may not change facts or tables.
-- Run this once as the owner of the tables, after `npm run migrate`, and again after an update of the blog:
--
--   psql "$OWNER_DATABASE_URL" -v ON_ERROR_STOP=1 -1 -f src/database/web-role.sql
--   psql "$OWNER_DATABASE_URL" -c "create role blog_app login password '…' in role sequent_blog_web"
--
-- Then run the blog with the DATABASE_URL of blog_app, and migrations with that of the owner.

-- Roles belong to the whole server. If the role already exists, the owner needs no right to create roles.
do $$
begin
  if exists (select from pg_roles where rolname = 'sequent_blog_web') then
    return;
  end if;
  create role sequent_blog_web nologin;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception '% may not create roles. First let an administrator run: create role sequent_blog_web nologin', current_user
      using errcode = 'insufficient_privilege';
end;
$$;

grant usage on schema sequent_schema, view_schema, web_schema to sequent_blog_web;

-- Facts are added and read, never changed.
grant select, insert
   on sequent_schema.commands, sequent_schema.aggregates, sequent_schema.events, sequent_schema.log_epochs
   to sequent_blog_web;

-- The row of an aggregate changes only when the aggregate is closed.
grant update (is_closed) on sequent_schema.aggregates to sequent_blog_web;

-- Keys are taken and freed, never changed.
grant select, insert, delete on sequent_schema.aggregate_unique_keys to sequent_blog_web;

-- Snapshots can be made again from facts.
grant select, insert, update, delete on sequent_schema.aggregate_snapshots to sequent_blog_web;

grant select
   on sequent_schema.projector_states, sequent_schema.live_views,
      sequent_schema.replays, sequent_schema.replay_parts, sequent_schema.archived_views
   to sequent_blog_web;

-- A build deletes deferred events after it has projected them.
grant select, insert, delete on sequent_schema.deferred_events to sequent_blog_web;

-- How far the subscriptions have come, and what they could not handle.
grant select, insert, update, delete on sequent_schema.subscriptions, sequent_schema.parked_aggregates to sequent_blog_web;

-- Views can be made again from facts. The rights also apply to later views that the same owner creates.
grant select, insert, update, delete on all tables in schema view_schema to sequent_blog_web;
alter default privileges in schema view_schema
  grant select, insert, update, delete on tables to sequent_blog_web;

grant select, insert, update, delete on web_schema.rate_limits to sequent_blog_web;
grant select, insert, update, delete on web_schema.sessions, web_schema.sign_in_links, web_schema.kept_forms to sequent_blog_web;

-- Mails while you develop. In production nothing is in this table.
grant select, insert, update, delete on web_schema.mailbox to sequent_blog_web;

-- The blog checks that all migrations have run.
grant select on public.knex_migrations, public.knex_migrations_lock to sequent_blog_web;

-- Before Postgres 15, everybody may create tables in "public".
revoke create on schema public from public;
