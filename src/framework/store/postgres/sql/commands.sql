-- The executed commands, with their user and the event that caused them.
create table sequent_schema.commands (
  command_id              uuid           not null,
  command_type            text           not null,
  aggregate_id            uuid           not null,
  user_id                 text,
  payload                 jsonb          not null,
  metadata                jsonb,
  cause_aggregate_id      uuid,
  cause_sequence_number   integer,
  event_count             integer        not null,
  created_at              timestamptz(3) not null,
  stored_at               timestamptz    not null default clock_timestamp(),
  constraint commands_pkey primary key (command_id)
);

create index commands_aggregate_id_idx on sequent_schema.commands (aggregate_id);

-- Statistics contain sample values, which would outlive an erasure. So this column has none.
alter table sequent_schema.commands alter column payload set statistics 0;
