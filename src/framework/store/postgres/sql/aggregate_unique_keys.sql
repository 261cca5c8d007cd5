-- Keys that no two aggregates may share, whatever their types. An aggregate may have any number of keys.
create table sequent_schema.aggregate_unique_keys (
  scope                   text           not null,
  key                     text           not null,
  aggregate_id            uuid           not null,
  constraint aggregate_unique_keys_pkey primary key (scope, key)
);

create index aggregate_unique_keys_aggregate_id_idx on sequent_schema.aggregate_unique_keys (aggregate_id);

-- Statistics contain sample values, which would outlive an erasure. So this column has none.
alter table sequent_schema.aggregate_unique_keys alter column key set statistics 0;
