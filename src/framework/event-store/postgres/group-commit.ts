import { keyOfChange } from "../../persistor/stage.ts";
import { StoreUnavailable } from "../errors.ts";
import type { UnitOfWork } from "../event-store.ts";
import type { PostgresConnections } from "./connections.ts";
import type { SeenViews } from "./live-views.ts";
import { storeError } from "./store-error.ts";
import { storeStatement } from "./store-statement.ts";

interface Waiting {
  readonly unit: UnitOfWork;
  readonly views: SeenViews | undefined;
  /** Its aggregates, keys and rows; nothing where it may change any row. */
  readonly touches: readonly string[];
  readonly stored: () => void;
  readonly refused: (error: unknown) => void;
}

/** Nobody waits longer for others: what holds them up may be a lock that this unit has nothing to do with. */
const patienceMs = 10;

/** With more, the first of them would wait long for the last. */
const most = 50;

/**
 * Stores units of work. Those that come while one of their kind is being stored wait for it, and are stored together
 * by the next statement, which takes hardly longer than for one of them. Who is alone does not wait.
 */
export class GroupCommit {
  readonly #connections: PostgresConnections;
  /** By what is asked in them: a mixture of kinds would be a statement to prepare. */
  readonly #queues = new Map<string, Waiting[]>();

  constructor(connections: PostgresConnections) {
    this.#connections = connections;
  }

  async store(unit: UnitOfWork, views: SeenViews | undefined): Promise<void> {
    const kind = kindOf(unit);
    const queue = this.#queues.get(kind);
    if (queue) return this.#wait(kind, queue, unit, views);
    const behind: Waiting[] = [];
    this.#queues.set(kind, behind);
    try {
      await this.#send(unit, views);
    } finally {
      this.#storeNext(kind, behind);
    }
  }

  #wait(kind: string, queue: Waiting[], unit: UnitOfWork, views: SeenViews | undefined): Promise<void> {
    if (queue.length === 0) this.#limitPatience(kind, queue);
    return new Promise((stored, refused) => {
      queue.push({ unit, views, touches: touchedBy(unit), stored, refused });
    });
  }

  #limitPatience(kind: string, queue: Waiting[]): void {
    setTimeout(() => this.#storeNext(kind, queue), patienceMs);
  }

  /** There is a queue, empty or not, as long as something is being stored; it has its turn once. */
  #storeNext(kind: string, queue: Waiting[]): void {
    if (this.#queues.get(kind) !== queue) return;
    const group = queue.slice(0, lengthOfGroup(queue));
    if (group.length === 0) {
      this.#queues.delete(kind);
      return;
    }
    const behind = queue.slice(group.length);
    this.#queues.set(kind, behind);
    if (behind.length > 0) this.#limitPatience(kind, behind);
    void this.#storeGroup(group).finally(() => this.#storeNext(kind, behind));
  }

  /** Where one of them is refused, none is stored; then each is stored, or refused, by itself. */
  async #storeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#send(together(group), group[0]?.views);
      for (const { stored } of group) stored();
    } catch (error) {
      const hopeless = group.length === 1 || storeError(error) instanceof StoreUnavailable;
      if (hopeless) for (const { refused } of group) refused(error);
      else await Promise.all(group.map((each) => this.#storeGroup([each])));
    }
  }

  async #send(unit: UnitOfWork, views: SeenViews | undefined): Promise<void> {
    const statement = storeStatement(unit, views);
    await this.#connections.use((connection) => connection.query(statement));
  }
}

function kindOf({ commands }: UnitOfWork): string {
  if (commands[0] && commands.length === 1) return commands[0].command.class.type;
  return commands.map(({ command }) => command.class.type).join();
}

/** As many as were made for the same views and touch nothing that one before them touches. */
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

function touchedBy({ commands, keyChanges, rowChanges }: UnitOfWork): string[] {
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
    rowChanges: units.flatMap(({ rowChanges }) => rowChanges),
  };
}
