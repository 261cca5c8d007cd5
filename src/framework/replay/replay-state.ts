import type { Knex } from "knex";
import type { ProjectorClass } from "../projections/projector.ts";
import { rows } from "../store/postgres/rows.ts";

export const replaySchema = "replay_schema";

export type Phase = "run" | "optimize" | "switch";

interface ReplayedProjector {
  readonly name: string;
  readonly version: number;
  readonly tables: readonly string[];
}

/** The replay that is under way, as it is stored. */
export interface ReplayState {
  /** The next phase. */
  readonly phase: Phase;
  readonly projectors: readonly ReplayedProjector[];
  readonly startedAt: Date;
  readonly owner: string | null;
  /** True if its owner lives: see Ownership. */
  readonly isRunning: boolean;
  /** How many events its parts have read, and how many there are. */
  readonly eventsDone: number;
  readonly events: number;
}

export function stateOf({ savedName: name, version, tables }: ProjectorClass): ReplayedProjector {
  return { name, version, tables: tables.map((table) => table.name) };
}

export async function replayState(knex: Knex): Promise<ReplayState | undefined> {
  const [state] = await rows<ReplayState>(knex, selectState);
  return state;
}

const selectState = `
select phase, projectors, started_at as "startedAt", owner,
       owner is not null and beat_at > clock_timestamp() - interval '3 seconds' as "isRunning",
       (select coalesce(sum(events_done), 0)::float8 from sequent_schema.replay_parts) as "eventsDone",
       (select coalesce(sum(events), 0)::float8 from sequent_schema.replay_parts) as events
  from sequent_schema.replays`;
