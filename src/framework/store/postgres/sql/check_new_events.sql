-- A stream starts at 1 and has no gaps, and each event has an aggregate and a command. Foreign keys would look up and lock a
-- row for each event. This function checks all new events at once: if an event follows another one of the same statement and
-- command, only the first is checked.
-- The log is read in the order of transactions. So a transaction is refused if it began to write before the transaction that
-- stored the previous event: the events would be in the wrong order. It runs again, as a later transaction.
-- "offset 0" makes Postgres look up each row by its key. Without it, a plan made for small tables would later read all of a
-- large one.
create or replace function sequent_schema.check_new_events() returns trigger
language plpgsql as $$
declare
  stray record;
begin
  select aggregate_id, sequence_number, epoch, xact_id into stray
    from (
           select aggregate_id, sequence_number, command_id, epoch, xact_id,
                  lag(aggregate_id) over () = aggregate_id
                    and lag(sequence_number) over () = sequence_number - 1
                    and lag(command_id) over () = command_id
                    and lag(xact_id) over () = xact_id
                    and lag(epoch) over () = epoch as follows
             from new_events
         ) as event
   where follows is not true
     and (
       sequence_number > 1 and not exists (
         select from sequent_schema.events as previous
          where previous.aggregate_id = event.aggregate_id
            and previous.sequence_number = event.sequence_number - 1
            and (previous.epoch, previous.xact_id) <= (event.epoch, event.xact_id)
         offset 0
       )
       or not exists (
         select from sequent_schema.aggregates where aggregates.aggregate_id = event.aggregate_id offset 0
       )
       or not exists (
         select from sequent_schema.commands where commands.command_id = event.command_id offset 0
       )
     )
   limit 1;
  if not found then
    return null;
  end if;

  if stray.sequence_number > 1 and not exists (
    select from sequent_schema.events
     where aggregate_id = stray.aggregate_id
       and sequence_number = stray.sequence_number - 1
  ) then
    raise exception 'the events of % would have a gap', stray.aggregate_id
      using errcode = 'SQ001', constraint = 'events_without_gaps', detail = stray.aggregate_id;
  elsif exists (
    select from sequent_schema.events
     where aggregate_id = stray.aggregate_id
       and sequence_number = stray.sequence_number - 1
       and (epoch, xact_id) > (stray.epoch, stray.xact_id)
  ) then
    raise exception 'the events of % were stored by a later transaction', stray.aggregate_id
      using errcode = 'SQ006', detail = stray.aggregate_id;
  end if;
  raise exception 'an event of % has no aggregate or no command', stray.aggregate_id
    using errcode = 'SQ001', constraint = 'events_with_aggregate_and_command', detail = stray.aggregate_id;
end;
$$;

create or replace trigger events_check
  after insert on sequent_schema.events
  referencing new table as new_events
  for each statement execute function sequent_schema.check_new_events();
