-- The live views: the version of the projector that made the rows, and the tables.
create table sequent_schema.projector_states (
  projector               text           not null,
  version                 integer        not null,
  tables                  text[]         not null default '{}',
  updated_at              timestamptz    not null default clock_timestamp(),
  constraint projector_states_pkey primary key (projector)
);
