import { beforeAll } from "vitest";
import { PostgresEventStore } from "#sequent/operations";
import { tableSql } from "../../../../src/framework/store/postgres/schema.ts";
import { useShop } from "../../../support/shop.ts";
import { contractTables } from "../projections/persistor-contract.ts";
import { describeEventStore } from "./event-store-contract.ts";

const context = useShop();

beforeAll(async () => {
  const sql = contractTables.flatMap((table) => [
    `drop table if exists view_schema.${table.name}`,
    ...tableSql(table, "view_schema"),
  ]);
  await context.database.write.raw(sql.join(";\n"));
}, 60_000);

describeEventStore(
  "the event store on Postgres",
  (eventTypes) => new PostgresEventStore(context.database.write, eventTypes),
);
