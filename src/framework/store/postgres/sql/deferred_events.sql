-- Events that a build stored without projecting them, for it does not have the projector in the version that is live.
-- A build that has it projects them, and strikes them off.
create table sequent_schema.deferred_events (
  projector               text           not null,
  aggregate_id            uuid           not null,
  sequence_number         integer        not null,
  constraint deferred_events_pkey primary key (aggregate_id, sequence_number, projector)
);
