-- Nobody may change facts, not even their owner. The error is 42501, as for a role without rights. The only exception is an
-- erasure: see erase_personal.
create or replace function sequent_schema.refuse_change() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' and tg_table_name in ('commands', 'events') and current_setting('sequent.erasing', true) <> '' then
    return null; -- the next trigger checks each row
  end if;
  raise exception '% of % is not allowed: it is append only', tg_op, tg_table_name
    using errcode = '42501', table = tg_table_name, schema = tg_table_schema;
end;
$$;

-- In the aggregate that is being erased, values of payloads may become "[erased]". All other changes are refused. An event of an
-- earlier version is stored in the present version, because upcasts may move personal values. Its payloads are not compared.
create or replace function sequent_schema.refuse_change_but_erasure() returns trigger
language plpgsql as $$
declare
  before jsonb := to_jsonb(old);
  after  jsonb := to_jsonb(new);
begin
  if new.aggregate_id::text = current_setting('sequent.erasing', true)
     and after - 'payload' - 'event_version' = before - 'payload' - 'event_version'
     and jsonb_typeof(new.payload) = 'object'
     and (
       (after -> 'event_version') is not distinct from (before -> 'event_version')
         and sequent_schema.is_erasure(old.payload, new.payload)
       or (after ->> 'event_version')::integer > (before ->> 'event_version')::integer
     )
  then
    return new;
  end if;
  raise exception '% of % is not allowed: it is append only', tg_op, tg_table_name
    using errcode = '42501', table = tg_table_name, schema = tg_table_schema;
end;
$$;

create or replace trigger commands_append_only
  before update or delete or truncate on sequent_schema.commands
  for each statement execute function sequent_schema.refuse_change();

create or replace trigger commands_erase_only
  before update on sequent_schema.commands
  for each row execute function sequent_schema.refuse_change_but_erasure();

create or replace trigger aggregates_append_only
  before delete or truncate on sequent_schema.aggregates
  for each statement execute function sequent_schema.refuse_change();

-- A closed aggregate stays closed.
create or replace trigger aggregates_close_only
  before update on sequent_schema.aggregates
  for each row
  when (
    not new.is_closed
      or (new.aggregate_id, new.aggregate_type, new.created_at)
         is distinct from (old.aggregate_id, old.aggregate_type, old.created_at)
  )
  execute function sequent_schema.refuse_change();

create or replace trigger log_epochs_append_only
  before update or delete or truncate on sequent_schema.log_epochs
  for each statement execute function sequent_schema.refuse_change();

create or replace trigger events_append_only
  before update or delete or truncate on sequent_schema.events
  for each statement execute function sequent_schema.refuse_change();

create or replace trigger events_erase_only
  before update on sequent_schema.events
  for each row execute function sequent_schema.refuse_change_but_erasure();
