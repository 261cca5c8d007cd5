-- Gives each aggregate the keys that its class says. If another aggregate has one of them, it gets none. An aggregate that has
-- changed since it was loaded is skipped. Units that change keys wait meanwhile: a unit may be about to free a key that is not
-- stored yet, and must find it. A unit that was faster is noticed by the version.
create or replace function sequent_schema.backfill_unique_keys(_aggregates jsonb)
returns table (aggregate_id uuid, outcome text, scope text, taken_by uuid)
language plpgsql
set enable_seqscan = off -- plans are kept, and these may be from when there were few keys
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
