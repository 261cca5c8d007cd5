import type { RowChange, Values } from "./row-change.ts";
import type { Table } from "./table.ts";

/**
 * Writes the rows of a projector. The code of a projector does not know whether it runs inside a command (with the live persistor)
 * or in a rebuild of its view (with the bulk persistor).
 */
export interface Persistor {
  write(change: RowChange): void;
  /** One row, or undefined. In a command, the row is locked until the commit. */
  find(table: Table, where: Values): Promise<Values | undefined>;
}

/** For a projector that is only asked which events it takes. */
export const nowhere: Persistor = { write() {}, find: async () => undefined };
