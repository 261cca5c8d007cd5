import type { ChangesOf, NewRowOf, RowOf, Table, WhereOf } from "./table.ts";

/**
 * Writes the rows of a projector. The code of a projector does not know whether it runs inside a command (with the live persistor)
 * or in a rebuild of its view.
 */
export interface Persistor {
  create<T extends Table>(table: T, row: NewRowOf<T>): void;
  createOrUpdate<T extends Table>(table: T, row: NewRowOf<T>): void;
  update<T extends Table>(table: T, where: WhereOf<T>, changes: ChangesOf<T>): void;
  delete<T extends Table>(table: T, where: WhereOf<T>): void;
  /** One row, or undefined. In a command, the row is locked until the commit. */
  find<T extends Table>(table: T, where: WhereOf<T>): Promise<RowOf<T> | undefined>;
}
