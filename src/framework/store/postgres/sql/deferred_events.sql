-- Events that a build stored but did not project, because it lacks the live version of the projector. A build that has this
-- version projects them, and deletes the rows here.
create table sequent_schema.deferred_events (
  projector               text           not null,
  aggregate_id            uuid           not null,
  sequence_number         integer        not null,
  constraint deferred_events_pkey primary key (aggregate_id, sequence_number, projector)
);
