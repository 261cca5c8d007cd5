-- Which version of each projector the rows of its view come from, and in which tables they are.
create table sequent_schema.projector_states (
  projector               text           not null,
  version                 integer        not null,
  tables                  text[]         not null default '{}',
  updated_at              timestamptz    not null default clock_timestamp(),
  constraint projector_states_pkey primary key (projector)
);
