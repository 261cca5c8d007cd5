import type { Knex } from "knex";
import type { EventTypes } from "../messages/event-types.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { Values } from "../projections/row-change.ts";
import type { Table } from "../projections/table.ts";
import { type Connection, PostgresConnections } from "../store/postgres/connections.ts";
import { quoted, viewSchema } from "../store/postgres/row-sql.ts";
import { tableSql } from "../store/postgres/schema.ts";
import { rebuild } from "./project-log.ts";
import { ViewWriter } from "./view-writer.ts";

interface Verification {
  readonly knex: Knex;
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  readonly batch?: number;
  readonly onProgress?: (events: number) => void;
}

/** The first row that differs from the events. */
export interface Difference {
  readonly table: string;
  readonly key: Values;
  /** The live row, and the row that should be there. Undefined if there is none. */
  readonly live: Values | undefined;
  readonly built: Values | undefined;
}

const shadowSchema = "pg_temp";

/**
 * Builds the views of these projectors once more and compares them, row by row, with the live ones. All of this is one
 * transaction, which sees one moment and keeps nothing.
 */
export async function verifyViews({
  knex,
  onProgress = () => {},
  ...building
}: Verification): Promise<Difference | undefined> {
  const tables = building.projectors.flatMap((projector) => projector.tables);
  return new PostgresConnections(knex).use(async (connection) => {
    await connection.query("begin isolation level repeatable read");
    try {
      for (const table of tables) {
        await connection.query(`drop table if exists ${shadowSchema}.${quoted(table.name)}`);
        await connection.query(tableSql(table, shadowSchema)[0] ?? "");
      }
      const writer = ViewWriter.inTransaction(connection, shadowSchema);
      await rebuild(connection, writer, building, onProgress);
      for (const table of tables) {
        const difference = await firstDifference(connection, table);
        if (difference) return difference;
      }
      return undefined;
    } finally {
      await connection.query("rollback");
    }
  });
}

async function firstDifference(connection: Connection, table: Table): Promise<Difference | undefined> {
  const names = Object.keys(table.columns);
  const key = table.primaryKey.map(quoted);
  const list = (row: string) => names.map((name) => `${row}.${quoted(name)}`).join(", ");
  const text = `
      select live.${key[0]} is not null, ${list("live")}, built.${key[0]} is not null, ${list("built")}
        from ${viewSchema}.${quoted(table.name)} as live
        full join ${shadowSchema}.${quoted(table.name)} as built using (${key.join(", ")})
       where row(${list("live")}) is distinct from row(${list("built")})
       order by ${key.map((name) => `coalesce(live.${name}, built.${name})`).join(", ")}
       limit 1`;
  const { rows } = await connection.inTurn((client) => client.query<unknown[]>({ text, rowMode: "array" }));
  const [found] = rows;
  if (!found) return undefined;
  const rowFrom = ([exists, ...values]: unknown[]): Values | undefined =>
    exists ? Object.fromEntries(names.map((name, place) => [name, values[place]])) : undefined;
  const live = rowFrom(found.slice(0, names.length + 1));
  const built = rowFrom(found.slice(names.length + 1));
  const primaryKeyOf = (row: Values = {}) =>
    Object.fromEntries(table.primaryKey.map((name) => [name, row[name]]));
  return { table: table.name, key: primaryKeyOf(live ?? built), live, built };
}
