-- The primary key is the lock: if two units of work decided on the same state, the second cannot be stored.
create table sequent_schema.events (
  aggregate_id            uuid           not null,
  sequence_number         integer        not null,
  event_type              text           not null,
  event_version           smallint       not null,
  payload                 jsonb          not null,
  command_id              uuid           not null,
  created_at              timestamptz(3) not null,
  position                bigint         not null generated always as identity,
  xact_id                 xid8           not null default pg_current_xact_id(),
  epoch                   integer        not null default sequent_schema.writing_epoch(),
  constraint events_pkey primary key (aggregate_id, sequence_number),
  constraint events_sequence_number_check check (sequence_number > 0)
);

-- The log in the order in which it may be read: see RecordedLog.
create unique index events_log_idx on sequent_schema.events (epoch, xact_id, position);

-- Statistics contain sample values, which would outlive an erasure. So this column has none.
alter table sequent_schema.events alter column payload set statistics 0;
