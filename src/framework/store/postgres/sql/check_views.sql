-- Refuses a unit of work if other views are live now than when it was made, or if its aggregates have deferred events that must
-- be projected first. Each statement sees what was committed while the statement before it waited.
create or replace function sequent_schema.check_views(
  _generation  bigint,
  _deferred    text[],
  _events      jsonb,
  _required    jsonb
) returns void
language plpgsql as $$
declare
  views record;
begin
  -- Waits for lock_views. The result is never null, but "if" takes half as long as "perform".
  if pg_advisory_xact_lock_shared(5, 1) is null then return; end if;

  select generation, exists (select from sequent_schema.deferred_events) as deferring into views
    from sequent_schema.live_views;

  if views.generation <> _generation then
    raise exception 'the views changed' using errcode = 'SQ004';
  end if;

  if views.deferring and exists (
    select from jsonb_to_recordset(_events || _required) as affected (aggregate_id uuid)
      join sequent_schema.deferred_events using (aggregate_id)
     where deferred_events.projector <> all (coalesce(_deferred, '{}'))
  ) then
    raise exception 'the views are behind' using errcode = 'SQ005';
  end if;
end;
$$;
