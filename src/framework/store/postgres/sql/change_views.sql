-- Called before a change of the live views. It waits for the units of work that are being stored. Later ones wait until the
-- transaction ends. If you also lock tables of views, lock them first: units of work take these locks in that order.
create or replace function sequent_schema.lock_views() returns void
language sql as $$
  select pg_advisory_xact_lock(5, 1); -- check_views takes it in shared mode
$$;

-- A view that goes live contains all stored events, so its deferred events are not needed any more.
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
