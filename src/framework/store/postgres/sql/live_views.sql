-- Raised by every change of projector_states: a unit of work names the generation that it was made for, and another one
-- means that it must look again which views it writes.
create table sequent_schema.live_views (
  generation              bigint         not null,
  only_row                boolean        not null default true,
  constraint live_views_pkey primary key (only_row),
  constraint live_views_only_row_check check (only_row)
);

insert into sequent_schema.live_views (generation) values (1);
