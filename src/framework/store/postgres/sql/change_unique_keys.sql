-- Takes and frees keys in sorted order, so two transactions that want the same keys do not deadlock: one waits for the other.
-- A key that is freed and taken in one unit of work moves to its new aggregate.
create or replace function sequent_schema.change_unique_keys(_key_changes jsonb) returns void
language plpgsql as $$
declare
  change record;
begin
  for change in
    select scope, key, aggregate_id, taken
      from jsonb_to_recordset(_key_changes) as changes (scope text, key text, aggregate_id uuid, taken boolean)
     order by scope collate "C", key collate "C", taken
  loop
    if not change.taken then
      delete from sequent_schema.aggregate_unique_keys as keys
       where keys.scope = change.scope
         and keys.key = change.key
         and keys.aggregate_id = change.aggregate_id;
    else
      insert into sequent_schema.aggregate_unique_keys (scope, key, aggregate_id)
      values (change.scope, change.key, change.aggregate_id)
      on conflict on constraint aggregate_unique_keys_pkey do nothing;
      if not found then
        raise exception 'a key of scope % is taken', change.scope
          using errcode = 'SQ002', constraint = change.scope, detail = change.key;
      end if;
    end if;
  end loop;
end;
$$;
