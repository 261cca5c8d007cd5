-- A stream starts at 1 and has no gaps, and no event is without its aggregate and its command. Declared foreign
-- keys would say the last two, at the price of a lookup and a lock for each row; this is one look at all of them.
-- A transaction that began to write before the one that stored the previous event is refused, and runs again as a later
-- one: the log is read in the order of transactions, and must not have the events of a stream the wrong way round.
-- "offset 0" looks each up by its key: the plan is kept, and one made for small tables would read all of a large one.
create or replace function sequent_schema.check_new_events() returns trigger
language plpgsql as $$
declare
  stray uuid;
  number integer;
begin
  select new_events.aggregate_id, new_events.sequence_number into stray, number
    from new_events
   where new_events.sequence_number > 1
     and not exists (
           select from sequent_schema.events as previous
            where previous.aggregate_id = new_events.aggregate_id
              and previous.sequence_number = new_events.sequence_number - 1
              and previous.xact_id <= new_events.xact_id
           offset 0
         )
   limit 1;
  if found and exists (
    select from sequent_schema.events where aggregate_id = stray and sequence_number = number - 1
  ) then
    raise exception 'the events of % were stored by a later transaction', stray
      using errcode = 'SQ006', detail = stray;
  elsif found then
    raise exception 'the events of % would have a gap', stray
      using errcode = 'SQ001', constraint = 'events_without_gaps', detail = stray;
  end if;

  select new_events.aggregate_id into stray
    from new_events
   where not exists (
           select from sequent_schema.aggregates where aggregates.aggregate_id = new_events.aggregate_id offset 0
         )
      or not exists (
           select from sequent_schema.commands where commands.command_id = new_events.command_id offset 0
         )
   limit 1;
  if found then
    raise exception 'an event of % has no aggregate or no command', stray
      using errcode = 'SQ001', constraint = 'events_with_aggregate_and_command', detail = stray;
  end if;
  return null;
end;
$$;

create or replace trigger events_check
  after insert on sequent_schema.events
  referencing new table as new_events
  for each statement execute function sequent_schema.check_new_events();
