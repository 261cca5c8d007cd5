-- What aggregates knew after so many of their events, so that the events before need not be read. All of it can be
-- deleted at any time: it is made again. One of each snapshot version, for the builds of the program that run at once.
create table sequent_schema.aggregate_snapshots (
  aggregate_id            uuid           not null,
  snapshot_version        integer        not null,
  sequence_number         integer        not null,
  state                   jsonb          not null,
  created_at              timestamptz    not null default clock_timestamp(),
  constraint aggregate_snapshots_pkey primary key (aggregate_id, snapshot_version)
);

-- The planner keeps samples of what has statistics, and they would outlive an erasure.
alter table sequent_schema.aggregate_snapshots alter column state set statistics 0;
