import { LivePersistor } from "./live-persistor.ts";
import type { Persistor } from "./persistor.ts";
import type { RowChange, Rows, Values } from "./row-change.ts";
import type { Table } from "./table.ts";

export interface BulkRows extends Rows {
  /** Many new rows at once. */
  insert(table: Table, rows: readonly Values[]): Promise<void>;
}

/**
 * Builds whole views: a live persistor gathers the rows of many events, and `flush` stores them. While one flush stores its rows, the
 * next live persistor gathers more.
 */
export class BulkPersistor implements Persistor {
  readonly #store: BulkRows;
  #flushed: Promise<void> = Promise.resolve();
  #live: LivePersistor;

  constructor(store: BulkRows) {
    this.#store = store;
    this.#live = this.#nextLive();
  }

  write(change: RowChange): void {
    this.#live.write(change);
  }

  find(table: Table, where: Values): Promise<Values | undefined> {
    return this.#live.find(table, where);
  }

  /** Stores all rows so far, and then runs `andThen` before anything else is read or stored. */
  flush(andThen: () => Promise<void>): Promise<void> {
    const live = this.#live;
    this.#flushed = this.#flushed.then(async () => {
      await this.#storeAll(await live.takeRemainingChanges());
      await andThen();
    });
    this.#live = this.#nextLive();
    return this.#flushed;
  }

  async #storeAll(changes: readonly RowChange[]): Promise<void> {
    const [inserted, others] = [new Map<Table, Values[]>(), [] as RowChange[]];
    for (const change of changes) {
      if (change.kind !== "insert") others.push(change);
      else if (!inserted.get(change.table)?.push(change.values)) inserted.set(change.table, [change.values]);
    }
    for (const [table, rows] of inserted) await this.#store.insert(table, rows);
    await this.#store.write(others);
  }

  /** Its early reads and writes wait for the previous flush. */
  #nextLive(): LivePersistor {
    const [store, before] = [this.#store, this.#flushed];
    return new LivePersistor({
      readRow: (table, where) => before.then(() => store.readRow(table, where)),
      write: (changes) => before.then(() => store.write(changes)),
    });
  }
}
