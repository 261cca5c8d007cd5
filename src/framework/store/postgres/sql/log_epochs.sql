-- The log is in the order of the transactions that stored its events, and every server counts these for itself. So where
-- the log comes under another counter (by a restore, logical replication, pg_upgrade, the promotion of a replica, recovery
-- to an earlier time), the first who stores something there begins an epoch. The order of the log is epoch, transaction,
-- position: what was stored before comes before, in either direction of the counters.
create table sequent_schema.log_epochs (
  epoch                   integer        not null,
  cluster                 text           not null, -- whose counter it is: see this_cluster
  begun_at                timestamptz    not null default clock_timestamp(),
  constraint log_epochs_pkey primary key (epoch)
);

-- The system identifier and the timeline: together they are another where the counter is. A replica cannot tell them.
create or replace function sequent_schema.this_cluster() returns text
language sql stable as $$
  select system_identifier || ' ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) from pg_control_system()
$$;

-- Whether an epoch has events of transactions that this server has yet to count. They are of a copy of its files, which
-- went on by itself: the identity of the cluster does not tell the two apart.
create or replace function sequent_schema.is_ahead(_epoch integer) returns boolean
language plpgsql stable
set enable_seqscan = off -- the plan is kept from when there were few events
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

-- The epoch of what is stored next, and whether anything was stored in it yet. All that is in those before it is settled.
-- On a replica it is the last one that its primary began.
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

-- How long a session may go by the epoch that it was told: until its server is promoted, or this table is replaced.
create or replace function sequent_schema.log_of_session() returns text
language sql as $$
  select left(pg_walfile_name(pg_current_wal_lsn()), 8) || ' ' || 'sequent_schema.log_epochs'::regclass::oid
$$;

-- Begins the epoch where nobody did. Of several who are the first, the others wait for one.
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

-- The epoch for who stores something. All units of work ask for it: this is one expression, which becomes part of theirs.
create or replace function sequent_schema.writing_epoch() returns integer
language sql as $$
  select case when current_setting('sequent.log', true) = sequent_schema.log_of_session()
              then current_setting('sequent.epoch')::integer
              else sequent_schema.begin_epoch()
         end
$$;
