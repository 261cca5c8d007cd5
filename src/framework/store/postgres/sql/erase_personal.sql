-- Removes personal values from the events and commands of one aggregate, and deletes its keys and snapshots. This is the only
-- exception to append-only, and only the owner of the tables may run it. An event of the aggregate records when, by whom and why.
create or replace function sequent_schema.erase_personal(
  _aggregate_id uuid,
  _events       jsonb,
  _commands     jsonb
) returns void
language plpgsql as $$
begin
  perform set_config('sequent.erasing', _aggregate_id::text, true);

  update sequent_schema.events
     set payload       = erased.payload,
         event_version = erased.event_version
    from jsonb_to_recordset(_events) as erased (sequence_number integer, event_version smallint, payload jsonb)
   where events.aggregate_id = _aggregate_id
     and events.sequence_number = erased.sequence_number;

  update sequent_schema.commands
     set payload = erased.payload
    from jsonb_to_recordset(_commands) as erased (command_id uuid, payload jsonb)
   where commands.aggregate_id = _aggregate_id
     and commands.command_id = erased.command_id;

  perform set_config('sequent.erasing', '', true);

  delete from sequent_schema.aggregate_unique_keys where aggregate_id = _aggregate_id;
  delete from sequent_schema.aggregate_snapshots where aggregate_id = _aggregate_id;
end;
$$;

revoke execute on function sequent_schema.erase_personal(uuid, jsonb, jsonb) from public;
