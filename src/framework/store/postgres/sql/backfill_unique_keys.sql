-- Stores for each aggregate the keys of its class, or none of them if another aggregate has one. An aggregate that has changed
-- since it was loaded is skipped. The lock makes units that change keys wait: a unit could otherwise free a key just before it
-- is stored here, and the key would stay.
create or replace function sequent_schema.backfill_unique_keys(_aggregates jsonb)
returns table (aggregate_id uuid, outcome text, scope text, taken_by uuid)
language plpgsql
set enable_seqscan = off -- a plan made for few keys would later read all of many
as $$
declare
  wanted record;
begin
  lock table sequent_schema.aggregate_unique_keys in share row exclusive mode;

  for wanted in
    select each.aggregate_id, each.version, each.keys
      from jsonb_to_recordset(_aggregates) as each (aggregate_id uuid, version integer, keys jsonb)
  loop
    aggregate_id := wanted.aggregate_id;
    outcome := 'stored';
    scope := null;
    taken_by := null;

    if wanted.version <> (
      select max(sequence_number) from sequent_schema.events where events.aggregate_id = wanted.aggregate_id
    ) then
      outcome := 'changed';
      return next;
      continue;
    end if;

    select missing.scope, taken.aggregate_id into scope, taken_by
      from jsonb_to_recordset(wanted.keys) as missing (scope text, key text)
     cross join lateral (
             select keys.aggregate_id
               from sequent_schema.aggregate_unique_keys as keys
              where keys.scope = missing.scope
                and keys.key = missing.key
             offset 0
           ) as taken
     where taken.aggregate_id <> wanted.aggregate_id
     limit 1;
    if found then
      outcome := 'conflict';
      return next;
      continue;
    end if;

    delete from sequent_schema.aggregate_unique_keys as keys
     where keys.aggregate_id = wanted.aggregate_id
       and not exists (
             select from jsonb_to_recordset(wanted.keys) as kept (scope text, key text)
              where kept.scope = keys.scope
                and kept.key = keys.key
           );
    insert into sequent_schema.aggregate_unique_keys (scope, key, aggregate_id)
    select missing.scope, missing.key, wanted.aggregate_id
      from jsonb_to_recordset(wanted.keys) as missing (scope text, key text)
        on conflict do nothing;
    return next;
  end loop;
end;
$$;

revoke execute on function sequent_schema.backfill_unique_keys(jsonb) from public;
