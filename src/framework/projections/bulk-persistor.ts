import { LivePersistor } from "./live-persistor.ts";
import { MemoryTable } from "./memory-table.ts";
import type { Persistor } from "./persistor.ts";
import { keyIn, keyOfChange, type RowChange, type Rows, type Values } from "./row-change.ts";
import type { Table } from "./table.ts";
import { fittingRow } from "./values.ts";

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
  #flushed: Promise<void> = Promise.resolve();

  /** `stored` are the tables that may have rows already. */
  constructor(store: BulkRows, stored: Iterable<Table> = []) {
    this.#store = store;
    this.#stored = new Set(stored);
    this.#live = new LivePersistor(store);
  }

  write(change: RowChange): void {
    const memory = this.#inMemory(change.table);
    if (memory && (this.#isWhole(change.table) || isOfNewRow(memory, change))) memory.write(change);
    else this.#liveFor(change.table).write(change);
  }

  async find(table: Table, where: Values): Promise<Values | undefined> {
    const memory = this.#inMemory(table);
    const [found] = memory?.find(where) ?? [];
    if (found && (this.#isWhole(table) || keyIn(table, where) !== undefined)) return fittingRow(table, found);
    if (memory && this.#isWhole(table)) return undefined;
    const live = this.#liveFor(table);
    await this.#flushed;
    return live.find(table, where);
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
    for (const values of this.#memory.get(table)?.rows() ?? [])
      this.#live.write({ kind: "insert", table, values });
    this.#memory.delete(table);
    this.#handedOver.add(table);
    return this.#live;
  }
}

/** True if the change cannot touch a row that is stored. */
function isOfNewRow(memory: MemoryTable, change: RowChange): boolean {
  if (change.kind === "insert") return true;
  const key = keyOfChange(change);
  return change.kind !== "delete" && key !== undefined && memory.has(key);
}
