-- True if the values differ only where the new one is "[erased]".
create or replace function sequent_schema.is_erasure(_before jsonb, _after jsonb) returns boolean
language plpgsql immutable as $$
begin
  if _after = _before or _after = '"[erased]"' then
    return true;
  end if;
  if jsonb_typeof(_before) = 'object' and jsonb_typeof(_after) = 'object' then
    return not exists (
      select from jsonb_each(_before) as before full join jsonb_each(_after) as after using (key)
       where before.value is null
          or after.value is null
          or not sequent_schema.is_erasure(before.value, after.value)
    );
  end if;
  if jsonb_typeof(_before) = 'array' and jsonb_typeof(_after) = 'array' then
    return not exists (
      select from jsonb_array_elements(_before) with ordinality as before (value, place)
             full join jsonb_array_elements(_after) with ordinality as after (value, place) using (place)
       where before.value is null
          or after.value is null
          or not sequent_schema.is_erasure(before.value, after.value)
    );
  end if;
  return false;
end;
$$;
