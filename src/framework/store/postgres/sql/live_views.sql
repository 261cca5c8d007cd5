-- The generation rises with each change of projector_states. A unit of work that was made for an older generation is refused.
-- Then it looks up again which views are live.
create table sequent_schema.live_views (
  generation              bigint         not null,
  only_row                boolean        not null default true,
  constraint live_views_pkey primary key (only_row),
  constraint live_views_only_row_check check (only_row)
);

insert into sequent_schema.live_views (generation) values (1);
