// Each statement that changes something begins with the name ($1) and the fence ($2), in this order, and returns a row if the
// lease holds. Values have the place of their first use, because they are also used without numbers.

const lease = (place: string) => `clock_timestamp() + ${place} * interval '1 ms'`;
const held = "name = $1 and fence = $2";

export const position = "concat_ws(':', epoch, xact_id, position)";

/** The position of "now" is before everything that is still open and before everything that comes. */
export const now = `
select (select epoch from sequent_schema.current_epoch()) as epoch,
       pg_snapshot_xmin(pg_current_snapshot()) as xact_id,
       0 as position`;

export const begin = `
insert into sequent_schema.subscriptions (name, version, epoch, xact_id, position)
select $1, $2::integer,
       case when $3 = 'now' then here.epoch else 0 end,
       case when $3 = 'now' then here.xact_id else '0'::xid8 end,
       0
  from (${now}) as here
    on conflict (name) do nothing`;

export const take = `
update sequent_schema.subscriptions
   set owner = $3,
       version = $2,
       fence = fence + 1,
       leased_until = ${lease("$4::integer")}
 where name = $1
   and version <= $2
   and paused is null
   and (leased_until < clock_timestamp() or version < $2)
returning name, fence::text as fence, ${position} as position`;

export const renew = `
update sequent_schema.subscriptions
   set leased_until = ${lease("$3::integer")}
 where ${held}
returning true`;

export const note = `
update sequent_schema.subscriptions
   set leased_until = ${lease("$3::integer")},
       epoch = $4::integer,
       xact_id = $5::xid8,
       position = $6::bigint
 where ${held}
returning true`;

export const place = `
  with held as (select $1::text as name, $2::bigint as fence)
update sequent_schema.subscriptions
   set epoch = $3::integer,
       xact_id = $4::xid8,
       position = $5::bigint
  from held
 where subscriptions.name = held.name and subscriptions.fence = held.fence
returning true`;

export const release = `
update sequent_schema.subscriptions
   set owner = null,
       leased_until = '-infinity'
 where ${held}
returning true`;

export const pause = `
update sequent_schema.subscriptions
   set paused = $3,
       owner = null,
       fence = fence + 1,
       leased_until = '-infinity'
 where ${held}
returning true`;

export const parkedIds = "select aggregate_id from sequent_schema.parked_aggregates where subscription = $1";

export const dueParked = `
select aggregate_id as "aggregateId",
       next_number as "nextNumber",
       attempts,
       retry_at as "retryAt",
       error
  from sequent_schema.parked_aggregates
 where subscription = $1 and retry_at <= clock_timestamp()
 order by retry_at
 limit $2`;

/** While the row is locked, nobody else can take the lease and read which aggregates are parked. */
export const park = `
insert into sequent_schema.parked_aggregates as parked
       (subscription, aggregate_id, next_number, attempts, retry_at, error)
select name, $3::uuid, $4::integer, $5::integer, ${lease("$6::integer")}, $7
  from sequent_schema.subscriptions
 where ${held}
   for update
    on conflict (subscription, aggregate_id) do update
   set next_number = excluded.next_number,
       attempts = excluded.attempts,
       retry_at = excluded.retry_at,
       error = excluded.error
returning true`;

export const advanceParked = `
  with held as (select $1::text as name, $2::bigint as fence)
update sequent_schema.parked_aggregates
   set next_number = next_number + 1,
       attempts = 0
  from held, sequent_schema.subscriptions
 where subscriptions.name = held.name
   and subscriptions.fence = held.fence
   and subscription = held.name
   and aggregate_id = $3::uuid
   and next_number = $4::integer
returning true`;

export const unpark = `
delete from sequent_schema.parked_aggregates
 using sequent_schema.subscriptions
 where ${held}
   and subscription = name
   and aggregate_id = $3
   and next_number = $4
returning true`;
