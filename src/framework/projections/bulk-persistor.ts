import type { BaseEvent } from "../messages/event.ts";
import { keptValues, readValues } from "./kept-values.ts";
import { LivePersistor } from "./live-persistor.ts";
import { MemoryTable } from "./memory-table.ts";
import type { Persistor } from "./persistor.ts";
import type { Rows, Values } from "./row-change.ts";
import { isByKey } from "./stage.ts";
import type { ChangesOf, NewRowOf, RowOf, Table, WhereOf } from "./table.ts";

/** Stores the rows of a bulk persistor. */
export interface BulkRows extends Rows {
  /** Many new rows at once. */
  insert(table: Table, rows: Iterable<Values>): Promise<void>;
}

/**
 * Builds whole views: it makes and changes rows in memory, and `flush` stores all of them at once. If nothing of a table is
 * stored yet, a projector works on it in memory only. Later, new rows are still made in memory. But when a projector touches a row
 * that may be stored, a live persistor takes over the rows of that table, until the next flush.
 */
export class BulkPersistor implements Persistor {
  readonly #store: BulkRows;
  readonly #stored: Set<Table>;
  #memory = new Map<Table, MemoryTable>();
  #handedOver = new Set<Table>();
  #live: LivePersistor;
  #liveChanges = 0;
  #flushed: Promise<void> = Promise.resolve();
  /** The projector and its event, for the error if the database refuses a row. */
  projector = "";
  event: BaseEvent | undefined;

  /** `stored` are the tables that may have rows already. */
  constructor(store: BulkRows, stored: Iterable<Table> = []) {
    this.#store = store;
    this.#stored = new Set(stored);
    this.#live = new LivePersistor(store);
  }

  /** How many rows, or changes of a live persistor, wait for the next flush. */
  get size(): number {
    let size = this.#liveChanges;
    for (const memory of this.#memory.values()) size += memory.size;
    return size;
  }

  create<T extends Table>(table: T, row: NewRowOf<T>): void {
    const memory = this.#inMemory(table);
    if (memory) memory.insert(keptValues(table, row as Values));
    else this.#liveFor(table).create(table, row);
  }

  createOrUpdate<T extends Table>(table: T, row: NewRowOf<T>): void {
    const values = keptValues(table, row as Values);
    const memory = this.#inMemory(table);
    const known = memory?.get(values);
    if (memory && known) memory.change(known, values);
    else if (memory && this.#isWhole(table)) memory.insert(values);
    else this.#liveFor(table).createOrUpdate(table, row);
  }

  update<T extends Table>(table: T, given: WhereOf<T>, givenChanges: ChangesOf<T>): void {
    const where = keptValues(table, given as Values);
    const changes = keptValues(table, givenChanges);
    const memory = this.#inMemory(table);
    const known = isByKey(table, where) && keepsKey(table, changes) && memory?.get(where);
    if (memory && known) memory.change(known, changes);
    else if (memory && this.#isWhole(table)) memory.update(where, changes);
    else this.#liveFor(table).update(table, given, givenChanges);
  }

  delete<T extends Table>(table: T, where: WhereOf<T>): void {
    const memory = this.#inMemory(table);
    if (memory && this.#isWhole(table)) memory.delete(keptValues(table, where as Values));
    else this.#liveFor(table).delete(table, where);
  }

  async find<T extends Table>(table: T, given: WhereOf<T>): Promise<RowOf<T> | undefined> {
    const where = keptValues(table, given as Values);
    const memory = this.#inMemory(table);
    const [found] = memory?.find(where) ?? [];
    if (found && (this.#isWhole(table) || isByKey(table, where))) return readValues(table, found) as RowOf<T>;
    if (memory && this.#isWhole(table)) return undefined;
    const live = this.#liveFor(table);
    await this.#flushed;
    return live.find(table, given);
  }

  /**
   * Stores all rows so far, and then runs `andThen` before anything else is read or stored. Rows that are written meanwhile
   * go with the next flush, which waits for this one.
   */
  flush(andThen: () => Promise<void>): Promise<void> {
    const [memory, live] = [this.#memory, this.#live];
    this.#memory = new Map();
    this.#handedOver = new Set();
    this.#live = new LivePersistor(this.#store);
    this.#liveChanges = 0;
    for (const table of memory.keys()) this.#stored.add(table);
    this.#flushed = this.#flushed.then(async () => {
      for (const [table, rows] of memory) if (rows.size > 0) await this.#store.insert(table, rows.rows());
      await this.#store.write(await live.takeRemainingChanges());
      await andThen();
    });
    return this.#flushed;
  }

  #isWhole(table: Table): boolean {
    return !this.#stored.has(table);
  }

  /** Undefined if a live persistor has taken over. */
  #inMemory(table: Table): MemoryTable | undefined {
    const memory = this.#memory.get(table);
    if (memory || this.#handedOver.has(table)) return memory;
    const made = new MemoryTable(table);
    this.#memory.set(table, made);
    return made;
  }

  #liveFor(table: Table): LivePersistor {
    const { projector, event } = this;
    this.#live.cause = event && { projector, event };
    const memory = this.#memory.get(table);
    if (memory) {
      for (const row of memory.rows()) this.#live.create(table, row as NewRowOf<Table>);
      this.#liveChanges += memory.size;
      this.#memory.delete(table);
    }
    this.#handedOver.add(table);
    this.#liveChanges += 1;
    return this.#live;
  }
}

function keepsKey({ primaryKey }: Table, changes: Values): boolean {
  for (const name of primaryKey) if (name in changes) return false;
  return true;
}
