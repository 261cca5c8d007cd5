-- A transaction that changes which views are live waits here until no unit of work is about to be stored. Then units of work
-- wait until that transaction ends. Lock the tables in access exclusive mode first: units also lock tables first, then this.
create or replace function sequent_schema.lock_views() returns void
language sql as $$
  select pg_advisory_xact_lock(5, 1); -- shared by store_unit
$$;

-- A view that goes live contains all stored events, so the events that were deferred for the old view are not needed any more.
create or replace function sequent_schema.change_views() returns trigger
language plpgsql as $$
begin
  perform sequent_schema.lock_views();
  update sequent_schema.live_views set generation = generation + 1;
  delete from sequent_schema.deferred_events
   where projector in (select projector from changed_states);
  return null;
end;
$$;

create or replace trigger projector_states_insert
  after insert on sequent_schema.projector_states
  referencing new table as changed_states
  for each statement execute function sequent_schema.change_views();

create or replace trigger projector_states_update
  after update on sequent_schema.projector_states
  referencing old table as changed_states
  for each statement execute function sequent_schema.change_views();

create or replace trigger projector_states_delete
  after delete on sequent_schema.projector_states
  referencing old table as changed_states
  for each statement execute function sequent_schema.change_views();
