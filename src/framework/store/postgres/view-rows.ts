import type { RowChange, Rows, Values } from "../../projections/row-change.ts";
import type { Table } from "../../projections/table.ts";
import type { Connection } from "./connections.ts";
import { rowQuery, viewSchema } from "./row-sql.ts";
import { storeError } from "./store-error.ts";
import { writeStatement } from "./store-statement.ts";

/** More rows would make one very large text of JSON. */
const most = 5_000;

export class ViewRows implements Rows {
  readonly #connection: () => Promise<Connection>;
  readonly #schema: string;

  constructor(connection: () => Promise<Connection>, schema = viewSchema) {
    this.#connection = connection;
    this.#schema = schema;
  }

  async readRow(table: Table, where: Values): Promise<Values | undefined> {
    const connection = await this.#connection();
    try {
      const { rows } = await connection.query<Values>(rowQuery(table, where, this.#schema));
      return rows[0];
    } catch (error) {
      throw storeError(error); // otherwise a broken connection would look like an error of the projector
    }
  }

  async write(changes: readonly RowChange[]): Promise<void> {
    if (changes.length === 0) return;
    const connection = await this.#connection();
    for (let start = 0; start < changes.length; start += most) {
      const rowChanges = changes.slice(start, start + most);
      try {
        await connection.query(writeStatement(rowChanges, this.#schema));
      } catch (error) {
        throw storeError(error, { rowChanges });
      }
    }
  }
}
