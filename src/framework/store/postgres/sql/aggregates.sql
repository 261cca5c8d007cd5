-- A closed aggregate gets no more events and no new references. is_closed is a column here because each reference is looked up
-- here anyway: with a separate table of closed aggregates, storing a post took five percent longer.
create table sequent_schema.aggregates (
  aggregate_id            uuid           not null,
  aggregate_type          text           not null,
  created_at              timestamptz    not null default clock_timestamp(),
  is_closed               boolean        not null default false,
  constraint aggregates_pkey primary key (aggregate_id)
);
