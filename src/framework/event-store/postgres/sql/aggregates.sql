-- Every aggregate that has a stream. The type is a name that the program chose once and never changes.
create table sequent_schema.aggregates (
  aggregate_id            uuid           not null,
  aggregate_type          text           not null,
  created_at              timestamptz    not null default clock_timestamp(),
  constraint aggregates_pkey primary key (aggregate_id)
);
