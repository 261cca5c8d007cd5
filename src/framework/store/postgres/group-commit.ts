import { StoreUnavailable } from "../../errors/store-errors.ts";
import { keyOfChange } from "../../projections/row-change.ts";
import { composeKey, type UnitOfWork } from "../event-store.ts";
import type { PostgresConnections } from "./connections.ts";
import type { SeenViews } from "./live-views.ts";
import { isLockTimeout, storeError } from "./store-error.ts";
import { storeStatement } from "./store-statement.ts";

interface Waiting {
  readonly unit: UnitOfWork;
  readonly views: SeenViews | undefined;
  readonly stored: () => void;
  readonly refused: (error: unknown) => void;
}

/** Units of one kind: how many are being stored, and the units that wait until there are fewer. */
interface Lane {
  readonly kind: string;
  underWay: number;
  readonly waiting: Waiting[];
  timer?: NodeJS.Timeout;
}

/** Up to this many units are faster at the same time than in one statement, because they mostly wait for the disk. */
const few = 4;

/** After this time the next units go anyway: the others may wait for a lock that these do not need. */
const patienceMs = 10;

/** In a larger group, the first unit would wait long for the last. */
const most = 50;

/** The longest time that a group waits for a lock, because perhaps only one of its units needs it. */
const lockPatienceMs = 50;

/**
 * Stores units of work: a few at the same time, each by itself. Units that come meanwhile are stored together by the next statement, which
 * takes hardly longer than one unit.
 */
export class GroupCommit {
  readonly #connections: PostgresConnections;
  readonly #texts = new Map<string, string>();
  /** By the types of their commands: each mixture of types would be one more statement to prepare. */
  readonly #lanes = new Map<string, Lane>();

  constructor(connections: PostgresConnections) {
    this.#connections = connections;
  }

  store(unit: UnitOfWork, views: SeenViews | undefined): Promise<void> {
    const kind = unit.commands.map(({ command }) => command.class.type).join();
    const lane = this.#lanes.get(kind) ?? { kind, underWay: 0, waiting: [] };
    this.#lanes.set(kind, lane);
    return new Promise((stored, refused) => {
      lane.waiting.push({ unit, views, stored, refused });
      if (lane.underWay < few) this.#sendNext(lane);
      else if (lane.waiting.length === 1) this.#limitWaiting(lane);
    });
  }

  #sendNext(lane: Lane): void {
    const group = lane.waiting.splice(0, lengthOfGroup(lane.waiting));
    lane.underWay += group.length;
    this.#limitWaiting(lane);
    void this.#send(lane, group);
  }

  #limitWaiting(lane: Lane): void {
    clearTimeout(lane.timer);
    if (lane.waiting.length > 0) lane.timer = setTimeout(() => this.#sendNext(lane), patienceMs);
  }

  /** If one of them is refused, none is stored. Then each is stored, or refused, by itself. */
  async #send(lane: Lane, group: readonly Waiting[]): Promise<void> {
    const alone = group.length === 1;
    try {
      const statement = storeStatement(together(group), {
        views: group[0]?.views,
        lockPatienceMs: alone ? undefined : lockPatienceMs,
        texts: this.#texts,
      });
      await this.#connections.use((connection) => connection.query(statement));
      for (const { stored } of group) stored();
    } catch (error) {
      if (!alone && helpsToSplit(error)) {
        for (const each of group) void this.#send(lane, [each]);
        return;
      }
      for (const { refused } of group) refused(error);
    }
    lane.underWay -= group.length;
    while (lane.waiting.length > 0 && lane.underWay < few) this.#sendNext(lane);
    if (lane.underWay === 0) this.#lanes.delete(lane.kind);
  }
}

/** True if only one of them may have failed. A store that cannot be reached fails for all of them. */
function helpsToSplit(error: unknown): boolean {
  return isLockTimeout(error) || !(storeError(error) instanceof StoreUnavailable);
}

/** How many units can go together: made for the same views, and without a common aggregate, key or row. */
function lengthOfGroup(waiting: readonly Waiting[]): number {
  if (waiting.length === 1) return 1;
  const touched = new Set<string>();
  const joins = ({ unit, views }: Waiting) => {
    const touches = touchedBy(unit);
    const isApart = touches.length > 0 && !touches.some((each) => touched.has(each));
    for (const each of touches) touched.add(each);
    return isApart && views === waiting[0]?.views;
  };
  const end = waiting.slice(0, most).findIndex((each) => !joins(each));
  return end === -1 ? Math.min(waiting.length, most) : Math.max(end, 1);
}

/** Undefined if the unit must go alone, because it may change any row or closes an aggregate. */
function touchedBy({ commands, keyChanges, closed, rowChanges }: UnitOfWork): string[] {
  const keysOfRows = rowChanges.map(keyOfChange);
  if (closed.length > 0 || keysOfRows.includes(undefined)) return [];
  return [
    ...commands.flatMap(({ events }) => events.map(({ aggregateId }) => aggregateId)),
    ...keyChanges.map(({ scope, key }) => composeKey(scope, key)),
    ...rowChanges.map(({ table }, index) => `row ${table.name}\0${keysOfRows[index]}`),
  ];
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
