import pg from "pg";
import { beforeAll, expect, test, vi } from "vitest";
import { EventTypes, newId, PostgresEventStore } from "#sequent/operations";
import { tableSql } from "../../../../src/framework/store/postgres/schema.ts";
import { begin } from "../../../support/begin.ts";
import { useShop } from "../../../support/shop.ts";
import { livePersistorEngine } from "../support/live-persistor-engine.ts";
import { contractItems, contractTables, describePersistor } from "./persistor-contract.ts";

const context = useShop();

beforeAll(async () => {
  const names = contractTables.map(({ name }) => `view_schema.${name}`).join(", ");
  const sql = [
    `drop table if exists ${names}`,
    ...contractTables.flatMap((table) => tableSql(table, "view_schema")),
  ];
  await context.database.write.raw(sql.join(";\n"));
}, 60_000);

describePersistor("the live persistor on Postgres", async () => {
  const { write } = context.database;
  await write.raw(`truncate ${contractTables.map(({ name }) => `view_schema.${name}`).join(", ")}`);
  return livePersistorEngine(new PostgresEventStore(write, new EventTypes([])), ({ name, columns }) =>
    write.withSchema("view_schema").from(name).select(Object.keys(columns)),
  );
});

test("a unit of work opens one transaction, however many rows are read at once", async () => {
  const statements = vi.spyOn(pg.Client.prototype, "query");
  const warnings = vi.spyOn(process, "emitWarning");
  const transaction = begin(new PostgresEventStore(context.database.write, new EventTypes([])));
  await Promise.all([1, 2, 3].map(() => transaction.readRow(contractItems, { id: newId() })));
  await transaction.rollback();
  expect(statements.mock.calls.filter(([statement]) => (statement as unknown) === "begin")).toHaveLength(1);
  expect(warnings).not.toHaveBeenCalled(); // like pg, if there is a second query on a busy connection
});
