import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from, to } from "pg-copy-streams";
import { projectors } from "../../src/blog.ts";
import type { Table } from "../../src/framework/projections/table.ts";
import { tableSql } from "../../src/framework/store/postgres/schema.ts";
import type { Cleanup } from "../harness/cleanup.ts";
import type { Store } from "../harness/store.ts";

/**
 * The limit of a replay: copies all events out of Postgres, and the rows of their views into it. The tables have their keys, but no
 * other indexes and no statistics.
 */
export async function copyViews(
  { connection, dataDirectory }: Store,
  cleanup: Cleanup,
): Promise<() => Promise<void>> {
  const client = new pg.Client(connection);
  cleanup.defer(() => client.end());
  await client.connect();
  const tables = projectors.flatMap<Table>((projector) => projector.tables);
  const fileOf = ({ name }: Table) => join(dataDirectory, `${name}.copy`);
  for (const table of tables) {
    cleanup.defer(() => rm(fileOf(table), { force: true }));
    await pipeline(
      client.query(to(`copy view_schema.${table.name} to stdout`)),
      createWriteStream(fileOf(table)),
    );
  }
  return async () => {
    await client.query("create schema limit_schema");
    for (const table of tables) await client.query(tableSql(table, "limit_schema")[0] ?? "");
    const nowhere = new Writable({ write: (_, __, done) => done() });
    await pipeline(client.query(to("copy sequent_schema.events to stdout")), nowhere);
    for (const table of tables)
      await pipeline(
        createReadStream(fileOf(table)),
        client.query(from(`copy limit_schema.${table.name} from stdin`)),
      );
  };
}

export const dropCopies = "drop schema if exists limit_schema cascade";
