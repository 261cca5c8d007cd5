-- The replay that is under way, if any, and how far it is: if its process is killed, another one resumes it.
create table sequent_schema.replays (
  phase                   text           not null, -- what comes next: run, optimize or switch
  projectors              jsonb          not null, -- [{ name, version, tables }]
  -- The last event that was caught up with, and the last that was in the rows before, where they came from the archive.
  epoch                   integer        not null,
  xact_id                 xid8           not null,
  position                bigint         not null default 0,
  archived_epoch          integer        not null default 0,
  archived_position       bigint         not null default 0,
  -- A process that lives renews its beat. If it did not for three seconds, another one may become the owner.
  -- A process that is not the owner any more can write nothing.
  owner                   uuid,
  beat_at                 timestamptz    not null default clock_timestamp(),
  started_at              timestamptz    not null default clock_timestamp(),
  only_row                boolean        not null default true,
  constraint replays_pkey primary key (only_row),
  constraint replays_only_row_check check (only_row)
);

-- The pieces that its workers take, one after the other.
create table sequent_schema.replay_parts (
  number                  integer        not null,
  projectors              text[]         not null,
  read_by                 text           not null, -- "aggregate", or the "log" as it is
  from_aggregate_id       uuid,
  to_aggregate_id         uuid,
  after                   text[],                  -- the last event whose rows are stored
  events                  bigint         not null,
  events_done             bigint         not null default 0,
  done                    boolean        not null default false,
  constraint replay_parts_pkey primary key (number)
);

-- What rests in archive_schema since the last replay, and the last event in its rows: a rollback goes on from there.
create table sequent_schema.archived_views (
  projector               text           not null,
  version                 integer        not null,
  tables                  text[]         not null,
  epoch                   integer        not null,
  position                bigint         not null,
  whole                   boolean        not null, -- false where events were put aside that it never got
  archived_at             timestamptz    not null default now(), -- the same for what one switch replaced
  constraint archived_views_pkey primary key (projector)
);
