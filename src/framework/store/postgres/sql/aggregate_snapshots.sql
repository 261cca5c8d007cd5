-- The states of aggregates after some of their events, so that these events need not be read again. You may delete all rows
-- at any time: snapshots are taken again. Each snapshot version has its own row, because several builds may run at once.
create table sequent_schema.aggregate_snapshots (
  aggregate_id            uuid           not null,
  snapshot_version        integer        not null,
  sequence_number         integer        not null,
  state                   jsonb          not null,
  created_at              timestamptz    not null default clock_timestamp(),
  constraint aggregate_snapshots_pkey primary key (aggregate_id, snapshot_version)
);

-- Statistics contain sample values, which would outlive an erasure. So this column has none.
alter table sequent_schema.aggregate_snapshots alter column state set statistics 0;
