import { TransactionEnded } from "../../errors/store-errors.ts";
import type { RowChange, Rows, Values } from "../../projections/row-change.ts";
import type { Table } from "../../projections/table.ts";
import type { UnitOfWork } from "../event-store.ts";
import type { InMemoryRows } from "./in-memory-rows.ts";

/** A unit that reads or writes rows before its end locks all tables until then. */
export class InMemoryTransaction implements Rows {
  static readonly #locks = new WeakMap<InMemoryRows, Promise<void>>();
  readonly #rows: InMemoryRows;
  readonly #store: (unit: UnitOfWork, onlyRows?: boolean) => void;
  #before: ReturnType<InMemoryRows["copy"]> | undefined;
  #unlock: (() => void) | undefined;
  #ended = false;

  constructor(rows: InMemoryRows, store: (unit: UnitOfWork, onlyRows?: boolean) => void) {
    this.#rows = rows;
    this.#store = store;
  }

  async readRow(table: Table, where: Values): Promise<Values | undefined> {
    this.#refuseLate();
    await this.#lock();
    return this.#rows.find(table, where);
  }

  async write(changes: readonly RowChange[]): Promise<void> {
    if (changes.length === 0) return;
    this.#refuseLate();
    await this.#lock();
    this.#rows.apply(changes);
  }

  async commit(unit: UnitOfWork): Promise<void> {
    this.#ended = true;
    await this.#lock();
    this.#store(unit);
    this.#end();
  }

  async dryRun(unit: UnitOfWork): Promise<void> {
    await this.#lock();
    this.#store(unit, true);
    await this.rollback();
  }

  async rollback(): Promise<void> {
    this.#ended = true;
    if (this.#before) this.#rows.goBackTo(this.#before);
    this.#end();
  }

  /** It would lock the tables, and nobody would unlock them. */
  #refuseLate(): void {
    if (this.#ended) throw new TransactionEnded();
  }

  async #lock(): Promise<void> {
    if (this.#unlock) return;
    const earlier = InMemoryTransaction.#locks.get(this.#rows);
    InMemoryTransaction.#locks.set(
      this.#rows,
      new Promise((resolve) => {
        this.#unlock = resolve;
      }),
    );
    await earlier;
    this.#before = this.#rows.copy();
  }

  #end(): void {
    this.#unlock?.();
    this.#unlock = undefined;
    this.#before = undefined;
  }
}
