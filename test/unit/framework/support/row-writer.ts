import type { ChangesOf, RowOf } from "#sequent";
import type { NewRowOf, Persistor, Table } from "#sequent/operations";
import type { WhereOf } from "../../../../src/framework/projections/table.ts";
import { fitting, fittingRow } from "../../../../src/framework/projections/values.ts";

/** Writes through a persistor as a projector does. */
export class RowWriter {
  readonly #persistor: Persistor;

  constructor(persistor: Persistor) {
    this.#persistor = persistor;
  }

  create<T extends Table>(table: T, row: NewRowOf<T>): void {
    this.#persistor.write({ kind: "insert", table, values: fittingRow(table, row) });
  }

  createOrUpdate<T extends Table>(table: T, row: NewRowOf<T>): void {
    fittingRow(table, row);
    this.#persistor.write({ kind: "upsert", table, values: fitting(table, row) });
  }

  update<T extends Table>(table: T, where: WhereOf<T>, changes: ChangesOf<T>): void {
    const change = { where: fitting(table, where), changes: fitting(table, changes) };
    this.#persistor.write({ kind: "update", table, ...change });
  }

  delete<T extends Table>(table: T, where: WhereOf<T>): void {
    this.#persistor.write({ kind: "delete", table, where: fitting(table, where) });
  }

  async find<T extends Table>(table: T, where: WhereOf<T>): Promise<RowOf<T> | undefined> {
    return (await this.#persistor.find(table, fitting(table, where))) as RowOf<T> | undefined;
  }
}
