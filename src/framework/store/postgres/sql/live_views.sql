-- A number that each change of projector_states raises. A unit of work names the generation that it was made for. If that
-- generation is over, the unit is refused, and looks again which views are live.
create table sequent_schema.live_views (
  generation              bigint         not null,
  only_row                boolean        not null default true,
  constraint live_views_pkey primary key (only_row),
  constraint live_views_only_row_check check (only_row)
);

insert into sequent_schema.live_views (generation) values (1);
