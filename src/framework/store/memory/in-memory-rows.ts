import { MemoryTable } from "../../projections/memory-table.ts";
import { ProjectorFailed } from "../../projections/projector-failed.ts";
import type { RowChange, Values } from "../../projections/row-change.ts";
import type { Table } from "../../projections/table.ts";
import { fittingRow } from "../../projections/values.ts";

/** The tables of the views, in memory. */
export class InMemoryRows {
  #tables = new Map<string, MemoryTable>();

  all(table: Table): Values[] {
    return this.#of(table)
      .rows()
      .map((row) => fittingRow(table, row));
  }

  find(table: Table, where: Values): Values | undefined {
    const [row] = this.#of(table).find(where);
    return row && fittingRow(table, row);
  }

  /** If a change throws, the transaction goes back to its copy. */
  apply(changes: readonly RowChange[]): void {
    for (const change of changes) {
      try {
        this.#of(change.table).write(change);
      } catch (cause) {
        throw change.cause
          ? new ProjectorFailed(change.cause.projector, change.cause.event, { cause })
          : cause;
      }
    }
  }

  copy(): ReadonlyMap<string, MemoryTable> {
    return new Map([...this.#tables].map(([name, table]) => [name, table.copy()]));
  }

  goBackTo(copy: ReadonlyMap<string, MemoryTable>): void {
    this.#tables = new Map(copy);
  }

  #of(table: Table): MemoryTable {
    const known = this.#tables.get(table.name);
    if (known) return known;
    const made = new MemoryTable(table);
    this.#tables.set(table.name, made);
    return made;
  }
}
