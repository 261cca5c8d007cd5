-- The replay that is under way, if any, and its progress. If its process is killed, another one resumes it.
create table sequent_schema.replays (
  phase                   text           not null, -- the next phase: run, optimize or switch
  projectors              jsonb          not null, -- [{ name, version, tables }]
  -- The last projected event and, for a rollback, the last event that the archived rows contain.
  epoch                   integer        not null,
  xact_id                 xid8           not null,
  position                bigint         not null default 0,
  archived_epoch          integer        not null default 0,
  archived_position       bigint         not null default 0,
  -- The owner renews the beat. If the beat is older than three seconds, another process may become the owner.
  -- Only the owner can write.
  owner                   uuid,
  beat_at                 timestamptz    not null default clock_timestamp(),
  started_at              timestamptz    not null default clock_timestamp(),
  only_row                boolean        not null default true,
  constraint replays_pkey primary key (only_row),
  constraint replays_only_row_check check (only_row)
);

-- The parts that its workers take, one after the other.
create table sequent_schema.replay_parts (
  number                  integer        not null,
  projectors              text[]         not null,
  read_by                 text           not null, -- "aggregate": one after the other; "log": in its order
  from_aggregate_id       uuid,
  to_aggregate_id         uuid,
  after                   text[],                  -- the last event whose rows are stored
  events                  bigint         not null,
  events_done             bigint         not null default 0,
  done                    boolean        not null default false,
  constraint replay_parts_pkey primary key (number)
);

-- The views in archive_schema, and the last event in their rows: a rollback continues from there.
create table sequent_schema.archived_views (
  projector               text           not null,
  version                 integer        not null,
  tables                  text[]         not null,
  epoch                   integer        not null,
  position                bigint         not null,
  whole                   boolean        not null, -- false if it lacks events that were deferred
  archived_at             timestamptz    not null default now(), -- the same for all views that one switch replaced
  constraint archived_views_pkey primary key (projector)
);
