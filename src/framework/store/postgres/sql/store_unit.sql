-- Stores one unit of work, all of it or nothing. The statement that calls this function also writes the rows of views. All units
-- take their locks in the same order, so they do not deadlock: the locks for closing aggregates, then commands, aggregates,
-- events, keys and rows, each of them sorted.
create or replace function sequent_schema.store_unit(
  _commands    jsonb,
  _aggregates  jsonb,
  _events      jsonb,
  _key_changes jsonb,
  _required    jsonb,
  _closed      uuid[],
  _generation  bigint,
  _deferred    text[]
) returns void
language plpgsql as $$
declare
  refused  record;
  in_epoch integer;
begin
  if _generation is not null then
    perform sequent_schema.check_views(_generation, _deferred, _events, _required);
  end if;

  -- A unit that closes an aggregate and a unit that refers to it cannot both go on: the second waits until the first is stored.
  -- Nothing has been written yet. So the log, which is ordered by the beginning of writing, has them in this order, too.
  -- Usually one aggregate is required. An expression locks it, because a query takes ten times as long.
  if (
    case
      when _closed is null and jsonb_array_length(_required) = 0 then false
      when _closed is null and jsonb_array_length(_required) = 1
        then pg_advisory_xact_lock_shared(uuid_hash_extended((_required -> 0 ->> 'aggregate_id')::uuid, 1)) is null
      else true
    end
  ) then
    perform case when closes then pg_advisory_xact_lock(key) else pg_advisory_xact_lock_shared(key) end
       from (
              select uuid_hash_extended(aggregate_id, 1) as key, bool_or(closes) as closes
                from (
                       select aggregate_id, false as closes
                         from jsonb_to_recordset(_required) as required (aggregate_id uuid)
                        union all
                       select aggregate_id, true
                         from unnest(_closed) as aggregate_id
                     ) as affected
               group by key
               order by key
            ) as sorted;
  end if;

  in_epoch := sequent_schema.writing_epoch();

  insert into sequent_schema.commands (
    command_id, command_type, aggregate_id, user_id, payload, metadata,
    cause_aggregate_id, cause_sequence_number, event_count, created_at
  )
  select command_id, command_type, aggregate_id, user_id, payload, metadata,
         cause_aggregate_id, cause_sequence_number, event_count, created_at
    from jsonb_to_recordset(_commands) as new_commands (
           command_id uuid, command_type text, aggregate_id uuid, user_id text, payload jsonb, metadata jsonb,
           cause_aggregate_id uuid, cause_sequence_number integer, event_count integer, created_at timestamptz
         )
   order by command_id;

  if _aggregates <> '[]' then
    insert into sequent_schema.aggregates (aggregate_id, aggregate_type)
    select aggregate_id, aggregate_type
      from jsonb_to_recordset(_aggregates) as new_aggregates (aggregate_id uuid, aggregate_type text)
     order by aggregate_id;
  end if;

  if _required <> '[]' then
    select aggregate_id, aggregate_type into refused
      from jsonb_to_recordset(_required) as required (aggregate_id uuid, aggregate_type text)
     where not exists (
             select from sequent_schema.aggregates
              where aggregates.aggregate_id = required.aggregate_id
                and aggregates.aggregate_type = required.aggregate_type
                and not aggregates.is_closed
             offset 0 -- look it up by its key, even if the plan was made for a small table
           )
     limit 1;
    if found and exists (
      select from sequent_schema.aggregates
       where aggregate_id = refused.aggregate_id
         and aggregate_type = refused.aggregate_type
    ) then
      raise exception 'the % % is closed', refused.aggregate_type, refused.aggregate_id
        using errcode = 'SQ007', constraint = refused.aggregate_type, detail = refused.aggregate_id;
    elsif found then
      raise exception 'there is no % %', refused.aggregate_type, refused.aggregate_id
        using errcode = 'SQ003', constraint = refused.aggregate_type, detail = refused.aggregate_id;
    end if;
  end if;

  if _closed is not null then
    update sequent_schema.aggregates
       set is_closed = true
     where aggregate_id = any (_closed);
  end if;

  -- The events are stored in the order in which they happened. If they have several aggregates, these are locked first, sorted.
  if _events <> '[]' and exists (
    select from jsonb_array_elements(_events) as event where event -> 'aggregate_id' <> _events -> 0 -> 'aggregate_id'
  ) then
    perform pg_advisory_xact_lock(hashtextextended(aggregate_id, 0))
       from (select distinct event ->> 'aggregate_id' as aggregate_id
               from jsonb_array_elements(_events) as event
              order by aggregate_id) as sorted;
  end if;

  insert into sequent_schema.events (
    aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at, epoch
  )
  select aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at, in_epoch
    from jsonb_to_recordset(_events) as new_events (
           aggregate_id uuid, sequence_number integer, event_type text, event_version smallint,
           payload jsonb, command_id uuid, created_at timestamptz
         );

  if _deferred is not null then
    insert into sequent_schema.deferred_events (projector, aggregate_id, sequence_number)
    select projector, aggregate_id, sequence_number
      from unnest(_deferred) as projector
     cross join jsonb_to_recordset(_events) as new_events (aggregate_id uuid, sequence_number integer);
  end if;

  if _key_changes <> '[]' then
    perform sequent_schema.change_unique_keys(_key_changes);
  end if;
end;
$$;
