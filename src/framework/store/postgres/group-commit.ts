import { StoreUnavailable } from "../../errors/store-errors.ts";
import { keyOfChange } from "../../projections/stage.ts";
import type { UnitOfWork } from "../event-store.ts";
import type { PostgresConnections } from "./connections.ts";
import type { SeenViews } from "./live-views.ts";
import { isLockTimeout, storeError } from "./store-error.ts";
import { storeStatement } from "./store-statement.ts";

interface Waiting {
  readonly unit: UnitOfWork;
  readonly views: SeenViews | undefined;
  /** Its aggregates, keys and rows; empty where it is stored alone. */
  readonly touches: readonly string[];
  readonly stored: () => void;
  readonly refused: (error: unknown) => void;
}

/** Units of one kind: how many are being stored, and the units that wait until there are fewer. */
interface Lane {
  readonly kind: string;
  underWay: number;
  waiting: Waiting[];
}

/** Up to so many units are faster side by side than in one statement: mostly they wait for the disk. */
const few = 4;

/** After this the next units go anyway: the others may wait for a lock that these do not need. */
const patienceMs = 10;

/** In a larger group, the first unit would wait long for the last. */
const most = 50;

/** A group waits no longer than this for a lock, for only one of its units may need it. */
const lockPatienceMs = 50;

/**
 * Stores units of work: a few at once, each by itself. Units that come meanwhile are stored together by the next statement,
 * which takes hardly longer than for one of them.
 */
export class GroupCommit {
  readonly #connections: PostgresConnections;
  /** By the types of their commands: each mixture of types would be another statement to prepare. */
  readonly #lanes = new Map<string, Lane>();

  constructor(connections: PostgresConnections) {
    this.#connections = connections;
  }

  async store(unit: UnitOfWork, views: SeenViews | undefined): Promise<void> {
    const kind = kindOf(unit);
    const lane = this.#lanes.get(kind) ?? { kind, underWay: 0, waiting: [] };
    if (lane.underWay >= few) return this.#wait(lane, { unit, views });
    this.#lanes.set(kind, lane);
    lane.underWay += 1;
    try {
      await this.#send(unit, views);
    } finally {
      this.#done(lane, 1);
    }
  }

  #wait(lane: Lane, { unit, views }: Pick<Waiting, "unit" | "views">): Promise<void> {
    return new Promise((stored, refused) => {
      const last = { unit, views, touches: touchedBy(unit), stored, refused };
      if (lane.waiting.length > 0) lane.waiting.push(last);
      else this.#line(lane, [last]);
    });
  }

  /** Sets the units that wait, and limits how long they do. */
  #line(lane: Lane, waiting: Waiting[]): void {
    lane.waiting = waiting;
    if (waiting.length > 0)
      setTimeout(() => {
        if (lane.waiting === waiting) this.#storeTogether(lane);
      }, patienceMs);
  }

  #done(lane: Lane, stored: number): void {
    lane.underWay -= stored;
    while (lane.waiting.length > 0 && lane.underWay < few) this.#storeTogether(lane);
    if (lane.underWay === 0) this.#lanes.delete(lane.kind);
  }

  #storeTogether(lane: Lane): void {
    const group = lane.waiting.slice(0, lengthOfGroup(lane.waiting));
    this.#line(lane, lane.waiting.slice(group.length));
    lane.underWay += group.length;
    void this.#storeGroup(lane, group);
  }

  /** If one of them is refused, none is stored. Then each is stored, or refused, by itself. */
  async #storeGroup(lane: Lane, group: readonly Waiting[]): Promise<void> {
    const alone = group.length === 1;
    try {
      await this.#send(together(group), group[0]?.views, alone ? undefined : lockPatienceMs);
      for (const { stored } of group) stored();
    } catch (error) {
      if (!alone && helpsToSplit(error)) {
        for (const each of group) void this.#storeGroup(lane, [each]);
        return;
      }
      for (const { refused } of group) refused(error);
    }
    this.#done(lane, group.length);
  }

  async #send(unit: UnitOfWork, views: SeenViews | undefined, lockPatienceMs?: number): Promise<void> {
    const statement = storeStatement(unit, views, lockPatienceMs);
    await this.#connections.use((connection) => connection.query(statement));
  }
}

/** True if only one of them may have failed. A store that cannot be reached fails for all of them. */
function helpsToSplit(error: unknown): boolean {
  return isLockTimeout(error) || !(storeError(error) instanceof StoreUnavailable);
}

function kindOf({ commands }: UnitOfWork): string {
  if (commands[0] && commands.length === 1) return commands[0].command.class.type;
  return commands.map(({ command }) => command.class.type).join();
}

/** How many units were made for the same views, and touch nothing that a unit before them touches. */
function lengthOfGroup(queue: readonly Waiting[]): number {
  const touched = new Set<string>();
  const joins = ({ views, touches }: Waiting) => {
    if (views !== queue[0]?.views || touches.length === 0 || touches.some((one) => touched.has(one)))
      return false;
    for (const one of touches) touched.add(one);
    return true;
  };
  const end = queue.slice(0, most).findIndex((each) => !joins(each));
  return end === -1 ? Math.min(queue.length, most) : Math.max(end, 1);
}

/** Alone is what may change any row, and what closes an aggregate: a unit beside it may refer to that. */
function touchedBy({ commands, keyChanges, closed, rowChanges }: UnitOfWork): string[] {
  if (closed.length > 0) return [];
  const touched = new Set<string>();
  for (const { events } of commands) for (const { aggregateId } of events) touched.add(aggregateId);
  for (const { scope, key } of keyChanges) touched.add(`key ${scope}\0${key}`);
  for (const change of rowChanges) {
    const key = keyOfChange(change);
    if (key === undefined) return [];
    touched.add(`row ${change.table.name}\0${key}`);
  }
  return [...touched];
}

function together(group: readonly Waiting[]): UnitOfWork {
  const units = group.map(({ unit }) => unit);
  if (units[0] && units.length === 1) return units[0];
  return {
    commands: units.flatMap(({ commands }) => commands),
    newAggregates: units.flatMap(({ newAggregates }) => newAggregates),
    keyChanges: units.flatMap(({ keyChanges }) => keyChanges),
    required: units.flatMap(({ required }) => required),
    closed: [],
    rowChanges: units.flatMap(({ rowChanges }) => rowChanges),
  };
}
