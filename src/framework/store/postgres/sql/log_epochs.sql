-- The log is in the order of the transactions that stored its events. But each server has its own counter of transactions.
-- After a restore, logical replication, pg_upgrade, the promotion of a replica or a recovery to an earlier time, the log has
-- another counter. Then the first unit of work begins an epoch. The log is ordered by epoch, transaction and position, so
-- older events come first, even if the new counter is lower.
create table sequent_schema.log_epochs (
  epoch                   integer        not null,
  cluster                 text           not null, -- whose counter it is: see this_cluster
  begun_at                timestamptz    not null default clock_timestamp(),
  constraint log_epochs_pkey primary key (epoch)
);

-- Names the counter of transactions: the system identifier and the timeline. A replica does not know them.
create or replace function sequent_schema.this_cluster() returns text
language sql stable as $$
  select system_identifier || ' ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) from pg_control_system()
$$;

-- True if the epoch has events of transactions that this server has not counted yet. They come from a copy of its files: the
-- copy has the same name, but counts by itself.
create or replace function sequent_schema.is_ahead(_epoch integer) returns boolean
language plpgsql stable
set enable_seqscan = off -- a plan made for few events would later read all of many
as $$
begin
  return exists (
    select from sequent_schema.events
     where epoch = _epoch
       and xact_id >= pg_snapshot_xmax(pg_current_snapshot())
       and xact_id is distinct from pg_current_xact_id_if_assigned()
  );
end;
$$;

-- The epoch of the next event, and whether this epoch has begun. All events of earlier epochs are settled. On a replica it is
-- the last epoch that the primary began.
create or replace function sequent_schema.current_epoch(out epoch integer, out has_begun boolean)
language plpgsql stable as $$
declare
  last sequent_schema.log_epochs;
begin
  select * into last from sequent_schema.log_epochs order by log_epochs.epoch desc limit 1;
  has_begun := true;
  if not pg_is_in_recovery() then
    has_begun := coalesce(last.cluster = sequent_schema.this_cluster(), false)
                 and not sequent_schema.is_ahead(last.epoch);
  end if;
  epoch := coalesce(last.epoch, 0) + case when has_begun then 0 else 1 end;
end;
$$;

-- A session remembers its epoch as long as this text is the same. It changes if the server is promoted or the table is replaced.
create or replace function sequent_schema.log_of_session() returns text
language sql as $$
  select left(pg_walfile_name(pg_current_wal_lsn()), 8) || ' ' || 'sequent_schema.log_epochs'::regclass::oid
$$;

-- Begins the epoch, if it has not begun. If several transactions do this at once, the others wait for the first.
create or replace function sequent_schema.begin_epoch() returns integer
language plpgsql as $$
declare
  here record := sequent_schema.current_epoch();
begin
  if not here.has_begun then
    insert into sequent_schema.log_epochs (epoch, cluster)
    values (here.epoch, sequent_schema.this_cluster())
    on conflict do nothing;
  end if;
  perform set_config('sequent.log', sequent_schema.log_of_session(), false),
          set_config('sequent.epoch', here.epoch::text, false);
  return here.epoch;
end;
$$;

-- The epoch of events that are stored now. It is one expression, so Postgres can inline it.
create or replace function sequent_schema.writing_epoch() returns integer
language sql as $$
  select case when current_setting('sequent.log', true) = sequent_schema.log_of_session()
              then current_setting('sequent.epoch')::integer
              else sequent_schema.begin_epoch()
         end
$$;
