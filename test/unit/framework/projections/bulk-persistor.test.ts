import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RowOf } from "#sequent";
import { newId, PostgresConnections, type Table } from "#sequent/operations";
import { BulkPersistor } from "../../../../src/framework/projections/bulk-persistor.ts";
import { ViewWriter } from "../../../../src/framework/replay/view-writer.ts";
import type { Connection } from "../../../../src/framework/store/postgres/connections.ts";
import { tableSql } from "../../../../src/framework/store/postgres/schema.ts";
import { useShop } from "../../../support/shop.ts";
import { RowWriter } from "../support/row-writer.ts";
import {
  contractItems,
  contractTables,
  describePersistor,
  itemOf,
  type PersistorEngine,
  performSteps,
  steps,
} from "./persistor-contract.ts";

const context = useShop();
const schema = "replay_schema";
const tables = contractTables.map(({ name }) => `${schema}.${name}`).join(", ");
let connection: Connection;
let writer: ViewWriter;

beforeAll(async () => {
  connection = await new PostgresConnections(context.database.patient).acquire();
  writer = ViewWriter.open(connection, schema);
  await connection.query(`drop table if exists ${tables}`);
  for (const sql of contractTables.flatMap((table) => tableSql(table, schema))) await connection.query(sql);
}, 60_000);

afterAll(async () => {
  await connection.query(`drop table ${tables}`);
  connection.release();
});

async function rowsOf({ name, columns }: Table) {
  const names = Object.keys(columns).map((column) => `"${column}"`);
  return (
    await connection.query<RowOf<typeof contractItems>>(`select ${names.join(", ")} from ${schema}.${name}`)
  ).rows;
}

async function open(): Promise<PersistorEngine> {
  await connection.query(`truncate ${tables}`);
  return {
    rowsOf,
    async unit(write) {
      const persistor = new BulkPersistor(writer);
      try {
        await write(new RowWriter(persistor));
        await persistor.flush(() => writer.commit());
      } catch (error) {
        await writer.rollback();
        throw error;
      }
    },
  };
}

describePersistor("the bulk persistor", open);

describe("a bulk persistor that flushes now and then", () => {
  test("leads to the same rows as a simple model, wherever it is interrupted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 5 }), async (batches) => {
        await connection.query(`truncate ${tables}`);
        const persistor = new BulkPersistor(writer);
        const model = new Map<string, RowOf<typeof contractItems>>();
        const flushes: Promise<void>[] = [];
        for (const batch of batches) {
          await performSteps(batch, new RowWriter(persistor), model);
          flushes.push(persistor.flush(() => writer.commit()));
        }
        await Promise.all(flushes);
        const rows = await rowsOf(contractItems);
        const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);
        expect(rows.sort(byId)).toEqual([...model.values()].sort(byId));
      }),
      { numRuns: 60 },
    );
  });

  test("finds rows by the columns of an index, in memory and among stored rows", async () => {
    await connection.query(`truncate ${tables}`);
    const persistor = new BulkPersistor(writer);
    const rows = new RowWriter(persistor);
    const part = { item_id: newId(), number: 1, label: "one" };
    const items = contractTables[1] as Table;
    rows.create(items, part);
    expect(await rows.find(items, { item_id: part.item_id })).toEqual(part);
    await persistor.flush(() => writer.commit());
    expect(await rows.find(items, { item_id: part.item_id })).toEqual(part);
    await writer.rollback();
  });

  test("stores texts that have a meaning for COPY", async () => {
    await connection.query(`truncate ${tables}`);
    const persistor = new BulkPersistor(writer);
    const texts = ["\\N", "\\.", "\\", "a\tb", "a\nb\r\n", "\\\\n", "'\"", "{}", "", "\u2028 é 🎈"];
    const rows = texts.map((name) => itemOf(newId(), { name, note: name }));
    const rowWriter = new RowWriter(persistor);
    for (const row of rows) rowWriter.create(contractItems, row);
    await persistor.flush(() => writer.commit());
    const stored = await rowsOf(contractItems);
    expect(stored.map(({ name, note }) => [name, note]).sort()).toEqual(
      texts.map((text) => [text, text]).sort(),
    );
  });
});
