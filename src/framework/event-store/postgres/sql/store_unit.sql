-- Stores one unit of work, whole or not at all. Locks are taken in one order by all (commands, aggregates, events,
-- keys, and after this the rows of views; within each of these sorted), so that no two units can wait for each other.
create or replace function sequent_schema.store_unit(
  _commands    jsonb,
  _aggregates  jsonb,
  _events      jsonb,
  _key_changes jsonb,
  _required    jsonb,
  _generation  bigint,
  _deferred    text[]
) returns void
language plpgsql as $$
declare
  missing  record;
  in_epoch integer;
begin
  if _generation is not null then
    perform sequent_schema.check_views(_generation, _deferred, _events, _required);
  end if;

  in_epoch := sequent_schema.writing_epoch();

  insert into sequent_schema.commands (
    command_id, command_type, aggregate_id, user_id, payload,
    cause_aggregate_id, cause_sequence_number, event_count, created_at
  )
  select command_id, command_type, aggregate_id, user_id, payload,
         cause_aggregate_id, cause_sequence_number, event_count, created_at
    from jsonb_to_recordset(_commands) as new_commands (
           command_id uuid, command_type text, aggregate_id uuid, user_id text, payload jsonb,
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
    select aggregate_id, aggregate_type into missing
      from jsonb_to_recordset(_required) as required (aggregate_id uuid, aggregate_type text)
     where not exists (
             select from sequent_schema.aggregates
              where aggregates.aggregate_id = required.aggregate_id
                and aggregates.aggregate_type = required.aggregate_type
             offset 0 -- by its key, also where the plan was made when the table was small
           )
     limit 1;
    if found then
      raise exception 'there is no % %', missing.aggregate_type, missing.aggregate_id
        using errcode = 'SQ003', constraint = missing.aggregate_type, detail = missing.aggregate_id;
    end if;
  end if;

  -- Those of several aggregates are locked first, sorted, for the events below come in the order they happened.
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
