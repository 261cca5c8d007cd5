import { beforeAll } from "vitest";
import { PostgresEventStore } from "#sequent/operations";
import { tableSql } from "../../../src/framework/event-store/postgres/schema.ts";
import { useShop } from "../../support/shop.ts";
import { describeEventStore } from "./event-store-contract.ts";
import { contractTables } from "./persistor-contract.ts";

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
