import { setTimeout as sleep } from "node:timers/promises";
import type { ProjectorClass } from "../../projections/projector.ts";
import type { UnitOfWork } from "../event-store.ts";
import type { PostgresConnections } from "./connections.ts";

/** The views that a unit of work was made for. It is refused if others are live when it is stored. */
export interface SeenViews {
  readonly states: States;
  readonly projectors: readonly ProjectorClass[];
  /** The projectors that run in this process. */
  readonly live: readonly ProjectorClass[];
  /** Live projectors whose version this build lacks. */
  readonly deferred: readonly string[] | null;
}

interface States {
  readonly generation: string;
  readonly versions: Readonly<Record<string, number>>;
  /** The projectors for which events are deferred. */
  readonly behind: readonly string[];
}

const patienceMs = 1_000;
const impatientForMs = 10_000;

/** Knows which version of each view is live. Reads it once, and again when something has changed. */
export class LiveViews {
  readonly #connections: PostgresConnections;
  #states: States | undefined;
  #reading: Promise<States> | undefined;
  #seen: SeenViews | undefined;
  #patientFrom = 0;

  constructor(connections: PostgresConnections) {
    this.#connections = connections;
  }

  async seenBy(projectors: readonly ProjectorClass[]): Promise<SeenViews> {
    const states = this.#states ?? (await this.#readOnce());
    if (this.#seen?.states !== states || this.#seen.projectors !== projectors)
      this.#seen = viewsOf(states, projectors);
    return this.#seen;
  }

  /** Reads it again, and returns the projectors that are live here and have deferred events. */
  async lookAgain(projectors: readonly ProjectorClass[]): Promise<ProjectorClass[]> {
    const { behind } = await this.#read();
    const { live } = await this.seenBy(projectors);
    return live.filter(({ savedName }) => behind.includes(savedName));
  }

  /** A thousand commands may come before the first answer. They all wait for it. */
  #readOnce(): Promise<States> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<States> {
    const states = await this.#connections.first<States>(selectStates);
    if (!states) throw new TypeError("The table live_views is empty.");
    this.#states = states;
    return states;
  }

  /**
   * Waits a moment until another process has projected the deferred events, so the page after the redirect shows them. If no
   * process did, there may be none, and the next units do not wait. A program without projectors shows no pages.
   */
  async whenProjected({ commands }: UnitOfWork, { deferred, projectors }: SeenViews): Promise<void> {
    const started = performance.now();
    if (deferred === null || projectors.length === 0 || started < this.#patientFrom) return;
    const ids = [...new Set(commands.flatMap(({ events }) => events.map(({ aggregateId }) => aggregateId)))];
    try {
      for (let pause = 10; ids.length > 0; pause = Math.min(2 * pause, 100)) {
        await sleep(pause);
        if (!(await this.#connections.first(selectDeferred, [ids, deferred]))) return;
        if (performance.now() - started > patienceMs) break;
      }
      this.#patientFrom = performance.now() + impatientForMs;
    } catch {} // it is stored, even if nobody shows it yet
  }
}

function viewsOf(states: States, projectors: readonly ProjectorClass[]): SeenViews {
  const live = projectors.filter(({ savedName, version }) => states.versions[savedName] === version);
  const names = live.map(({ savedName }) => savedName);
  const deferred = Object.keys(states.versions).filter((name) => !names.includes(name));
  return { states, projectors, live, deferred: deferred.length > 0 ? deferred : null };
}

/** One statement, so all of it is from the same moment. */
const selectStates = `
select generation::text,
       (select coalesce(jsonb_object_agg(projector, version), '{}') from sequent_schema.projector_states) as versions,
       array(select distinct projector from sequent_schema.deferred_events) as behind
  from sequent_schema.live_views`;

const selectDeferred = `
select from sequent_schema.deferred_events
 where aggregate_id = any ($1::uuid[])
   and projector = any ($2::text[])
 limit 1`;
