import { TransactionEnded } from "../../errors/store-errors.ts";
import { ProjectorFailed } from "../../projections/projector-failed.ts";
import type { RowChange, Rows, Values } from "../../projections/row-change.ts";
import type { Table } from "../../projections/table.ts";
import { fittingRow } from "../../projections/values.ts";
import { MemoryTable } from "./memory-table.ts";

export class InMemoryRows {
  #tables = new Map<string, MemoryTable>();
  #free: Promise<void> = Promise.resolve();

  all(table: Table): Values[] {
    return this.#find(table, {});
  }

  find(table: Table, where: Values): Values | undefined {
    return this.#find(table, where)[0];
  }

  apply(changes: readonly RowChange[]): void {
    for (const { cause, ...change } of changes) {
      try {
        this.#of(change.table).write(change);
      } catch (error) {
        throw cause ? new ProjectorFailed(cause.projector, cause.event, { cause: error }) : error;
      }
    }
  }

  /** Waits until no unit of work has the tables. */
  async lock(): Promise<{ undo: () => void; unlock: () => void }> {
    const free = this.#free;
    let unlock = () => {};
    this.#free = new Promise((resolve) => {
      unlock = resolve;
    });
    await free;
    const before = new Map([...this.#tables].map(([name, table]) => [name, table.copy()]));
    const undo = () => {
      this.#tables = before;
    };
    return { undo, unlock };
  }

  #find(table: Table, where: Values): Values[] {
    const rows = this.#of(table).find(where);
    return rows.map((row) => fittingRow(table, row));
  }

  #of(table: Table): MemoryTable {
    const known = this.#tables.get(table.name) ?? new MemoryTable(table);
    this.#tables.set(table.name, known);
    return known;
  }
}

/** The rows for one unit of work. If it reads or writes rows before its end, it locks all tables until then. */
export class InMemoryTransaction implements Rows {
  readonly #rows: InMemoryRows;
  #locked: ReturnType<InMemoryRows["lock"]> | undefined;
  #ended = false;

  constructor(rows: InMemoryRows) {
    this.#rows = rows;
  }

  async readRow(table: Table, where: Values): Promise<Values | undefined> {
    await this.lock();
    return this.#rows.find(table, where);
  }

  async write(changes: readonly RowChange[]): Promise<void> {
    await this.lock();
    this.#rows.apply(changes);
  }

  async lock(): Promise<void> {
    if (this.#ended) throw new TransactionEnded();
    this.#locked ??= this.#rows.lock();
    await this.#locked;
  }

  async end({ undo }: { undo: boolean }): Promise<void> {
    this.#ended = true;
    const locked = await this.#locked;
    if (undo) locked?.undo();
    locked?.unlock();
  }
}
