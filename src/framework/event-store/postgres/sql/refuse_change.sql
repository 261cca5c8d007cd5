-- Facts are not changed, not even by their owner. 42501 is what a role without the right would get.
create or replace function sequent_schema.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception '% of % is not allowed: it is append only', tg_op, tg_table_name
    using errcode = '42501', table = tg_table_name, schema = tg_table_schema;
end;
$$;

create or replace trigger commands_append_only
  before update or delete or truncate on sequent_schema.commands
  for each statement execute function sequent_schema.refuse_change();

create or replace trigger aggregates_append_only
  before update or delete or truncate on sequent_schema.aggregates
  for each statement execute function sequent_schema.refuse_change();

create or replace trigger events_append_only
  before update or delete or truncate on sequent_schema.events
  for each statement execute function sequent_schema.refuse_change();
