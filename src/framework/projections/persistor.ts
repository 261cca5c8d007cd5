import type { ChangesOf, NewRowOf, RowOf, Table, WhereOf } from "./table.ts";

/**
 * What a projector writes through. The code of a projector does not know whether it runs inside a command
 * (the live persistor) or rebuilds a view.
 */
export interface Persistor {
  create<T extends Table>(table: T, row: NewRowOf<T>): void;
  createOrUpdate<T extends Table>(table: T, row: NewRowOf<T>): void;
  update<T extends Table>(table: T, where: WhereOf<T>, changes: ChangesOf<T>): void;
  delete<T extends Table>(table: T, where: WhereOf<T>): void;
  /** One row, or undefined; in a command it is locked until that commits. */
  find<T extends Table>(table: T, where: WhereOf<T>): Promise<RowOf<T> | undefined>;
}
