-- What was asked, by whom, and because of which event: one row for each command that was executed.
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

-- The planner keeps samples of what has statistics, and they would outlive an erasure.
alter table sequent_schema.commands alter column payload set statistics 0;
