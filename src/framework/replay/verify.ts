import type { Knex } from "knex";
import type { ClientBase } from "pg";
import type { BaseEvent, EventTypes } from "../messages/event.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { Values } from "../projections/row-change.ts";
import type { Table } from "../projections/table.ts";
import { quoted, viewSchema } from "../store/postgres/row-sql.ts";
import { tableSql } from "../store/postgres/schema.ts";
import { withConnections } from "./connections.ts";
import { type Rebuild, rebuild } from "./rebuild.ts";
import { RowHistory } from "./row-history.ts";
import { ViewWriter } from "./view-writer.ts";

export interface Verification {
  readonly knex: Knex;
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  readonly batch?: number;
  readonly onProgress?: (events: number) => void;
}

/** The first row that is not what the events say. */
export interface Difference {
  readonly table: string;
  readonly key: Values;
  /** The row that is live, and the row that should be; undefined where there is none. */
  readonly live: Values | undefined;
  readonly built: Values | undefined;
  /** The event that the live row lacks, or else the last one that the row comes from. */
  readonly after: BaseEvent | undefined;
  readonly isMissing: boolean;
}

const shadowSchema = "pg_temp";

/**
 * Builds the views of these projectors once more and compares them, row by row, with those that are live: all in one
 * transaction, which sees one moment. Nothing of it is kept.
 */
export async function verifyViews(verification: Verification): Promise<Difference | undefined> {
  return withConnections(verification.knex, 1, async (connection) => {
    const client = connection as NonNullable<typeof connection>;
    await client.query("begin isolation level repeatable read");
    try {
      await build(client, verification);
      for (const projector of verification.projectors) {
        for (const table of projector.tables) {
          const found = await firstDifference(client, table);
          if (found) return await explain(client, verification, { projector, table, ...found });
        }
      }
      return undefined;
    } finally {
      await client.query("rollback");
    }
  });
}

async function build(
  connection: ClientBase,
  { onProgress = () => {}, ...verification }: Verification,
  observe?: Rebuild["observe"],
): Promise<void> {
  for (const table of verification.projectors.flatMap(({ tables }) => tables)) {
    await connection.query(`drop table if exists ${shadowSchema}.${quoted(table.name)}`);
    await connection.query(tableSql(table, shadowSchema)[0] ?? "");
  }
  const writer = ViewWriter.inTransaction(connection, shadowSchema);
  await rebuild(connection, writer, { ...verification, onEvents: onProgress, ...(observe && { observe }) });
}

interface Found {
  readonly live: Values | undefined;
  readonly built: Values | undefined;
}

async function firstDifference(connection: ClientBase, table: Table): Promise<Found | undefined> {
  const columns = Object.keys(table.columns).map(quoted);
  const key = table.primaryKey.map(quoted);
  const [first = ""] = key;
  const list = (row: string) => columns.map((column) => `${row}.${column}`).join(", ");
  const { rows } = await connection.query({
    text: `
      select live.${first} is not null, built.${first} is not null, ${list("live")}, ${list("built")}
        from ${viewSchema}.${quoted(table.name)} as live
        full join ${shadowSchema}.${quoted(table.name)} as built using (${key.join(", ")})
       where row(${list("live")}) is distinct from row(${list("built")})
       order by ${key.map((name) => `coalesce(live.${name}, built.${name})`).join(", ")}
       limit 1`,
    rowMode: "array",
  });
  const [found] = rows as unknown[][];
  if (!found) return undefined;
  const [isLive, isBuilt, ...values] = found;
  const names = Object.keys(table.columns);
  const rowFrom = (start: number) =>
    Object.fromEntries(names.map((name, place) => [name, values[start + place]]));
  return { live: isLive ? rowFrom(0) : undefined, built: isBuilt ? rowFrom(names.length) : undefined };
}

/** Builds once more, and watches who writes the row. */
async function explain(
  connection: ClientBase,
  verification: Verification,
  { projector, table, live, built }: Found & { projector: ProjectorClass; table: Table },
): Promise<Difference> {
  const row = (live ?? built) as Values;
  const key = Object.fromEntries(table.primaryKey.map((name) => [name, row[name]]));
  const history = new RowHistory(table, key);
  await build(connection, { ...verification, projectors: [projector], onProgress: () => {} }, (persistor) =>
    history.observe(persistor),
  );
  return { table: table.name, key, live, built, ...(await history.firstMissing(projector, live)) };
}
