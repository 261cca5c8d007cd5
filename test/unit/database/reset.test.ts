import { afterEach, expect, test } from "vitest";
import { DatabaseUnavailable } from "../../../src/database/check-server.ts";
import { DatabaseInUse } from "../../../src/database/in-use.ts";
import { isMigrated, reset } from "../../../src/database/migrate.ts";
import { eventTypes, projectors } from "../../fixtures/shop/shop.ts";
import { countStored } from "../../support/database.ts";
import { customer, useShop } from "../../support/shop.ts";

const context = useShop();

const raw = (sql: string) => context.database.patient.raw(sql);
const begin = () => reset(context.database.patient, { projectors, eventTypes }, 500);

afterEach(() => raw("drop schema if exists reports cascade"));

test("everything is deleted, and a program that runs goes on with empty tables", async () => {
  const { commandService, queries } = context.shop;
  await commandService.executeCommands(customer());
  await begin();
  expect(await countStored(context.database)).toEqual({ events: 0, commands: 0 });
  expect(await queries.customers()).toEqual([]);
  await commandService.executeCommands(customer()); // its e-mail address is free again
  expect(await queries.customers()).toMatchObject([{ name: "Ben" }]);
  expect(await isMigrated(context.database.patient)).toBe(true);
});

test("the functions stay the same, because prepared statements of a running program call them", async () => {
  const select = "select 'sequent_schema.store_unit'::regproc::oid as id";
  const { rows: before } = await raw(select);
  await begin();
  expect((await raw(select)).rows).toEqual(before);
});

test("other schemas are left alone", async () => {
  await raw("create schema reports; create table reports.kept as select 7 as n");
  await begin();
  expect((await raw("select n from reports.kept")).rows).toEqual([{ n: 7 }]);
});

test.each([
  [
    "a view",
    "create view reports.names as select name from view_schema.customer_records",
    "view reports.names",
  ],
  [
    "a table that refers to one of ours",
    "create table reports.likes (id uuid references view_schema.customer_records)",
    "constraint likes_id_fkey on table reports.likes",
  ],
  [
    "a function",
    "create function reports.first() returns view_schema.customer_records language sql as 'select * from view_schema.customer_records'",
    "function reports.first()",
  ],
])("nothing is deleted if somebody else needs a table: %s", async (_, sql, name) => {
  await context.shop.commandService.executeCommands(customer());
  await raw(`create schema reports; ${sql}`);
  const refused = await begin().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DatabaseUnavailable);
  expect(refused).toHaveProperty("message", expect.stringContaining(`${name} depends on`));
  expect(await countStored(context.database)).toEqual({ events: 3, commands: 1 });
});

test("tables that another version of the program made are replaced", async () => {
  await raw("comment on schema sequent_schema is 'made of other files'");
  await raw("alter table sequent_schema.events rename column payload to something");
  await raw("drop function sequent_schema.is_erasure");
  await raw(
    "create function sequent_schema.is_erasure(jsonb, jsonb) returns text language sql as 'select 7'",
  );
  await begin();
  expect(await isMigrated(context.database.patient)).toBe(true);
  await context.shop.commandService.executeCommands(customer());
});

test("nothing is deleted if a migration fails", async () => {
  await context.shop.commandService.executeCommands(customer());
  const failing = {
    savedName: "Failing",
    version: 1,
    tables: [{ ...projectors[0]?.tables[0], name: "pg.x" }],
  };
  await expect(
    reset(context.database.patient, { projectors: [...projectors, failing as never], eventTypes }, 500),
  ).rejects.toThrow();
  expect(await countStored(context.database)).toEqual({ events: 3, commands: 1 });
});

test("who holds a table is named, and nothing is deleted", async () => {
  await context.shop.commandService.executeCommands(customer());
  const reader = await context.database.patient.transaction();
  try {
    await reader.raw("select from view_schema.customer_records");
    await expect(begin()).rejects.toThrow(DatabaseInUse);
  } finally {
    await reader.rollback();
  }
  expect(await countStored(context.database)).toEqual({ events: 3, commands: 1 });
});
