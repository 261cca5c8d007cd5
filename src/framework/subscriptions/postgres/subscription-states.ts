import type { Knex } from "knex";
import type { LogPosition } from "../../store/event-store.ts";
import { rows } from "../../store/postgres/rows.ts";
import type { ParkedAggregate } from "../subscription-store.ts";
import { position } from "./statements.ts";

/** Where a subscription stands. */
export interface SubscriptionState {
  readonly name: string;
  readonly version: number;
  readonly position: LogPosition;
  /** The process that works for it, if one does. */
  readonly owner: string | null;
  /** Why it is paused, if it is. */
  readonly paused: string | null;
  /** How many events are stored after its position. No more than 100,000 are counted. */
  readonly eventsBehind: number;
  /** For how long the first of them has been stored. */
  readonly secondsBehind: number;
  readonly parked: readonly ParkedState[];
}

export interface ParkedState extends Omit<ParkedAggregate, "retryAt"> {
  readonly retryAt: string | null;
  readonly parkedAt: string;
}

const mostCounted = 100_000;

export function subscriptionStates(knex: Knex): Promise<SubscriptionState[]> {
  return rows<SubscriptionState>(knex, states);
}

const isAfter = `(event.epoch, event.xact_id, event.position)
                       > (subscription.epoch, subscription.xact_id, subscription.position)`;

const states = `
select name,
       version,
       ${position} as position,
       case when leased_until > clock_timestamp() then owner end as owner,
       paused,
       behind.events as "eventsBehind",
       coalesce(first.seconds, 0) as "secondsBehind",
       coalesce(parked.aggregates, '[]') as parked
  from sequent_schema.subscriptions as subscription
 cross join lateral (
         select count(*)::integer as events
           from (
                  select
                    from sequent_schema.events as event
                   where ${isAfter}
                   limit ${mostCounted}
                ) as event
       ) as behind
  left join lateral (
         select round(extract(epoch from clock_timestamp() - command.stored_at))::integer as seconds
           from sequent_schema.events as event
           join sequent_schema.commands as command using (command_id)
          where ${isAfter}
          order by event.epoch, event.xact_id, event.position
          limit 1
       ) as first on true
  left join lateral (
         select json_agg(
                  json_build_object(
                    'aggregateId', aggregate_id,
                    'nextNumber', next_number,
                    'attempts', attempts,
                    'retryAt', retry_at,
                    'error', error,
                    'parkedAt', parked_at
                  )
                  order by parked_at
                ) as aggregates
           from sequent_schema.parked_aggregates
          where subscription = name
       ) as parked on true
 order by name`;
