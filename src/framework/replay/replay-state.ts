import type { LogKey, Order } from "./event-log.ts";

export const phases = ["run", "catch-up", "optimize", "switch"] as const;
export type Phase = (typeof phases)[number];

/** A projector as a replay notes it. */
export interface ReplayedProjector {
  readonly name: string;
  readonly version: number;
  readonly tables: readonly string[];
}

/** The replay that is under way, as it is stored. */
export interface ReplayState {
  /** What comes next. */
  readonly phase: Phase;
  readonly projectors: readonly ReplayedProjector[];
  readonly startedAt: Date;
  readonly owner: string | null;
  readonly heartbeat: string;
  /** How many events its parts have read, of how many. */
  readonly eventsDone: number;
  readonly events: number;
}

/** A piece of the work: some projectors, and what they are to read. */
export interface ReplayPart {
  readonly number: number;
  readonly projectors: readonly string[];
  readonly readBy: Order;
  readonly fromAggregateId: string | null;
  readonly toAggregateId: string | null;
  readonly after: LogKey | null;
  /** It reads only events before this transaction of this epoch. Later ones are read by the catch-up. */
  readonly epoch: number;
  readonly horizon: string;
}

export const selectState = `
select phase, projectors, started_at as "startedAt", owner, heartbeat::text,
       (select coalesce(sum(events_done), 0)::float8 from sequent_schema.replay_parts) as "eventsDone",
       (select coalesce(sum(events), 0)::float8 from sequent_schema.replay_parts) as events
  from sequent_schema.replays`;

export const selectParts = `
select number, parts.projectors, read_by as "readBy", from_aggregate_id as "fromAggregateId",
       to_aggregate_id as "toAggregateId", after, epoch, xact_id::text as horizon
  from sequent_schema.replay_parts as parts
 cross join sequent_schema.replays
 where not done
 order by number`;
