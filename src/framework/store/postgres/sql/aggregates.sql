-- All aggregates. Nothing more happens to a closed one, and nothing new refers to it. The column is in this table because each
-- reference is checked here anyway: with a table of closed aggregates, storing a post took five percent longer.
create table sequent_schema.aggregates (
  aggregate_id            uuid           not null,
  aggregate_type          text           not null,
  created_at              timestamptz    not null default clock_timestamp(),
  is_closed               boolean        not null default false,
  constraint aggregates_pkey primary key (aggregate_id)
);
