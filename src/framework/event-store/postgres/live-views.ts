import type { ProjectorClass } from "../../projector.ts";
import type { Connection, PostgresConnections } from "./connections.ts";
import { named } from "./statement.ts";

/** What a unit of work was made for; it is refused where something else is live by the time that it is stored. */
export interface SeenViews {
  readonly generation: string;
  /** The projectors that run in this process. */
  readonly live: readonly ProjectorClass[];
  /** Those that do not, though their views are live: of a version that this build does not have. */
  readonly deferred: readonly string[] | null;
}

interface States {
  readonly generation: string;
  readonly versions: Readonly<Record<string, number>>;
}

/** Which version of each view is live, read once and again when somebody has found that it changed. */
export class LiveViews {
  readonly #connections: PostgresConnections;
  #states: Promise<States> | undefined;
  readonly #seen = new WeakMap<readonly ProjectorClass[], { states: States; views: SeenViews }>();

  constructor(connections: PostgresConnections) {
    this.#connections = connections;
  }

  async seenBy(projectors: readonly ProjectorClass[]): Promise<SeenViews> {
    this.#states ??= this.#read();
    const states = await this.#states;
    const known = this.#seen.get(projectors);
    if (known?.states === states) return known.views;
    const views = viewsOf(states, projectors);
    this.#seen.set(projectors, { states, views });
    return views;
  }

  async changedSince({ generation }: SeenViews, connection?: Connection): Promise<boolean> {
    const ask = (one: Connection) => one.query(named(selectStates, []));
    const { rows } = await (connection ? ask(connection) : this.#connections.use(ask));
    return (rows as States[])[0]?.generation !== generation;
  }

  lookAgain(): void {
    this.#states = undefined;
  }

  #read(): Promise<States> {
    const reading = this.#connections.first<States>(selectStates).then((states) => states as States);
    reading.catch(() => {
      if (this.#states === reading) this.#states = undefined;
    });
    return reading;
  }
}

function viewsOf({ generation, versions }: States, projectors: readonly ProjectorClass[]): SeenViews {
  const live = projectors.filter(({ name, version }) => versions[name] === version);
  const names = live.map(({ name }) => name);
  const deferred = Object.keys(versions).filter((name) => !names.includes(name));
  return { generation, live, deferred: deferred.length > 0 ? deferred : null };
}

/** One statement: what it sees belongs together. */
const selectStates = `
select generation::text,
       (select coalesce(jsonb_object_agg(projector, version), '{}') from sequent_schema.projector_states) as versions
  from sequent_schema.live_views`;
