import pg from "pg";
import { eventTypes, projectors } from "../../src/blog.ts";
import type { StoredEvent } from "../../src/framework/messages/event-types.ts";
import { LiveProjection } from "../../src/framework/projections/projection.ts";
import type { Table } from "../../src/framework/projections/table.ts";
import { ViewWriter } from "../../src/framework/replay/view-writer.ts";
import { eventColumns } from "../../src/framework/store/postgres/columns.ts";
import { Connection } from "../../src/framework/store/postgres/connections.ts";
import { tableSql } from "../../src/framework/store/postgres/schema.ts";
import type { Store } from "../harness/store.ts";

/** A simple replay: projects event by event, and sends each change at once. Returns the events a second. */
export async function statementPerEvent({ connection }: Store, count: number): Promise<number> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query("begin; create schema limit_schema");
    for (const table of projectors.flatMap<Table>(({ tables }) => tables))
      for (const sql of tableSql(table, "limit_schema")) await client.query(sql);
    return await project(client, count);
  } finally {
    await client.end(); // and so rolls back
  }
}

async function project(client: pg.Client, count: number): Promise<number> {
  const started = performance.now();
  const writer = ViewWriter.inTransaction(new Connection(client), "limit_schema");
  const { rows } = await client.query<StoredEvent>(
    `select event.aggregate_id as "aggregateId", ${eventColumns} from sequent_schema.events as event order by xact_id, position limit $1`,
    [count],
  );
  for (const row of rows) {
    const projection = new LiveProjection(projectors, writer);
    await projection.project(eventTypes.load(row));
    await writer.write(await projection.takeRemainingChanges());
  }
  return rows.length / ((performance.now() - started) / 1_000);
}
