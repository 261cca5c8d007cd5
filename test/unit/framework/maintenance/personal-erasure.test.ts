import { beforeEach, describe, expect, test } from "vitest";
import { AggregateClosed, type BaseCommand } from "#sequent";
import {
  newId,
  PersonalErasure,
  Replay,
  ReplayUnderWay,
  recordedErasures,
  vacuum,
} from "#sequent/operations";
import { AddCustomer, EraseCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { CustomerErased } from "../../../fixtures/shop/customer/events.ts";
import { ChangeOrder } from "../../../fixtures/shop/order/commands.ts";
import { commandClasses, erasures, eventTypes, projectors } from "../../../fixtures/shop/shop.ts";
import { replayUntil } from "../../../support/replay.ts";
import { foldedViews, orderOf, shipment, storedEvents, storedViews, useShop } from "../../../support/shop.ts";

const context = useShop();
const given = (...commands: BaseCommand[]) => context.shop.commandService.executeCommands(...commands);
const zelda = { name: 'Zelda "Zap" Quill', email: "Zelda.Quill@example.com" };
let customer = "";
let orderId = "";

beforeEach(async () => {
  customer = newId();
  orderId = newId();
  await given(new AddCustomer({ aggregateId: customer, ...zelda }));
  await given(orderOf(customer, { aggregateId: orderId }), shipment(orderId));
});

const erasure = () =>
  new PersonalErasure({
    knex: context.database.patient,
    commandService: context.shop.commandService,
    eventTypes,
    commandClasses,
  });
const erase = () =>
  erasure().erase(new EraseCustomer({ aggregateId: customer, by: "ann", reason: "asked for it" }));
const unfinished = () => erasure().unfinished(erasures.map(({ event }) => event));
const raw = (sql: string, ...values: string[]) => context.database.patient.raw(sql, values);

describe("an erased customer", () => {
  test("is in no table any more", async () => {
    const { search, ...amount } = await erase();
    expect(amount).toEqual({ events: 2, commands: 1 });
    expect(search).toMatchObject({ texts: 2, found: 0, places: [], unreadable: [] });
    const searched = search?.tables.map(({ name }) => name);
    expect(searched).toEqual(
      expect.arrayContaining(["sequent_schema.events", "sequent_schema.commands", "public.knex_migrations"]),
    );
  });

  test("is in no samples of the planner either", async () => {
    const samples = async () => {
      const { rows } = await raw("select string_agg(stats::text, ' ') as all from pg_stats as stats");
      return String(rows[0].all);
    };
    await raw("analyze view_schema.customer_records");
    await raw("analyze sequent_schema.events");
    await raw("analyze sequent_schema.commands");
    await raw("analyze sequent_schema.aggregate_unique_keys");
    await erase();
    await vacuum(context.database.patient);
    expect(await samples()).not.toMatch(/zelda|quill/i);
  });

  test("is not erased while there are commands of an unknown class, because nobody knows what in them is personal", async () => {
    const known = commandClasses.filter(({ type }) => type !== "AddCustomer");
    const { patient: knex } = context.database;
    const { commandService } = context.shop;
    const blind = new PersonalErasure({ knex, commandService, eventTypes, commandClasses: known });
    await expect(blind.erase(new EraseCustomer({ aggregateId: customer, by: "ann" }))).rejects.toThrow(
      'No class is known for the stored command type "AddCustomer"',
    );
    expect(await unfinished()).toEqual([customer]);
  });

  test("leaves views that fit the events", async () => {
    await erase();
    expect(await storedViews(context.database)).toEqual(
      await foldedViews(await storedEvents(context.database)),
    );
  });

  test("leaves orders that can be changed, and frees the address", async () => {
    await erase();
    await given(new ChangeOrder({ aggregateId: orderId, address: "Still here", note: "…" }));
    await given(new AddCustomer(zelda));
    expect(await context.shop.queries.customers()).toHaveLength(2);
  });

  test("is recorded with the time, the person and the reason", async () => {
    await erase();
    const [recorded] = await recordedErasures(context.database.patient, [CustomerErased]);
    expect(recorded).toMatchObject({ aggregateId: customer, type: "CustomerErased", at: expect.any(Date) });
    expect(recorded?.attributes).toEqual({ by: "ann", reason: "asked for it" });
  });

  test("is erased again without harm", async () => {
    await erase();
    expect(await erase()).toEqual({ events: 0, commands: 0, search: undefined });
  });
});

test("a customer who was closed by another event than an erasure is not erased without a record", async () => {
  const closed = new AggregateClosed({ aggregateType: "Customer", aggregateId: customer });
  const executeCommands = () => Promise.reject(closed);
  const { patient: knex } = context.database;
  const unrecorded = new PersonalErasure({
    knex,
    commandService: { executeCommands },
    eventTypes,
    commandClasses,
  });
  await expect(unrecorded.erase(new EraseCustomer({ aggregateId: customer, by: "ann" }))).rejects.toBe(
    closed,
  );
  expect(await context.shop.queries.customer(customer)).toMatchObject({ name: zelda.name });
});

describe("an erasure that was stopped half-way", () => {
  test("is noticed, and finished by a second run", async () => {
    await given(new EraseCustomer({ aggregateId: customer, by: "ann" }));
    expect(await unfinished()).toEqual([customer]);
    expect(await erase()).toMatchObject({ events: 2, commands: 1, search: { found: 0 } });
    expect(await unfinished()).toEqual([]);
  });

  test("during its search starts with the search again: nothing was erased before", async () => {
    await given(new ChangeOrder({ aggregateId: orderId, address: "On moss", note: `By ${zelda.name}` }));
    const onTable = (done: number) => {
      if (done > 2) throw new Error("killed");
    };
    const stopping = erasure().erase(new EraseCustomer({ aggregateId: customer, by: "ann" }), { onTable });
    await expect(stopping).rejects.toThrow("killed");
    expect(await unfinished()).toEqual([customer]);
    expect(await erase()).toMatchObject({ events: 2, commands: 1, search: { texts: 2, found: 4 } });
    expect(await unfinished()).toEqual([]);
  });
});

describe("other places with the values", () => {
  test("are reported, and a person decides what to do", async () => {
    await given(
      new ChangeOrder({
        aggregateId: orderId,
        address: "On moss",
        note: `Written by\nZELDA "Zap" Quill, herself.`,
      }),
    );
    const { search } = await erase();
    const places = search?.places.map(({ table, columns }) => `${table}: ${columns.join()}`);
    expect(places).toEqual([
      "sequent_schema.commands: payload",
      "sequent_schema.events: payload",
      "view_schema.order_records: note",
      "view_schema.order_revision_records: value",
    ]);
    expect(search?.places.at(-2)?.row).toEqual({ aggregate_id: orderId });
    expect(JSON.stringify(search)).not.toMatch(/zelda|quill/i);
  });

  test("are found in tables of other programs and in every type of column, but not in longer words", async () => {
    await raw("create table kept (id integer primary key, list text[], bytes bytea, document json)");
    try {
      await raw("insert into kept values (1, ?::text[], null, null)", `{${zelda.email.toLowerCase()}}`);
      await raw("insert into kept values (2, null, convert_to(?, 'utf8'), null)", `By ${zelda.email}`);
      await raw("insert into kept values (3, null, null, ?)", JSON.stringify({ by: zelda.name }));
      await raw("insert into kept values (4, ?::text[], null, null)", `{x${zelda.email}}`);
      const { search } = await erase();
      expect(search?.places).toEqual([
        { table: "public.kept", columns: ["list"], row: { id: "1" } },
        { table: "public.kept", columns: ["bytes"], row: { id: "2" } },
        { table: "public.kept", columns: ["document"], row: { id: "3" } },
      ]);
    } finally {
      await raw("drop table kept");
    }
  });

  test("in snapshots are deleted, also in a snapshot that was being taken meanwhile", async () => {
    const snapshot = () =>
      context.shop.eventStore.storeSnapshot({
        ...{ aggregateId: customer, snapshotVersion: 1, sequenceNumber: 3 },
        state: { email: zelda.email, isErased: false },
      });
    await snapshot();
    expect((await erase()).search).toMatchObject({ found: 0 });
    await snapshot();
    expect(await unfinished()).toEqual([customer]);
    await erase();
    expect(await unfinished()).toEqual([]);
  });

  test("in replaced views are deleted with the views", async () => {
    const replay = new Replay({ knex: context.database.patient, projectors, eventTypes });
    await replay.replay(await replay.plan(projectors));
    expect((await erase()).search).toMatchObject({ found: 0 });
    const { rows } = await raw("select to_regclass('archive_schema.customer_records') as archived");
    expect(rows).toEqual([{ archived: null }]);
    await expect(replay.rollBack()).rejects.toThrow("The archive is empty");
  });
});

test("while views are being built again, nobody is erased", async () => {
  const options = { knex: context.database.patient, projectors, eventTypes };
  await replayUntil("run", options);
  try {
    await expect(erase()).rejects.toThrow(ReplayUnderWay);
    expect(await unfinished()).toEqual([]);
    expect(await context.shop.queries.customer(customer)).toMatchObject({ name: zelda.name });
  } finally {
    await new Replay(options).abort();
  }
});

describe("facts, except for erased values,", () => {
  const erasing = (change: string) =>
    context.database.patient.transaction(async (transaction) => {
      await transaction.raw("select set_config('sequent.erasing', ?, true)", [customer]);
      await transaction.raw(change.replaceAll(":customer", `'${customer}'`));
    });

  test.each([
    `update sequent_schema.events set payload = '{"name": "Eve"}' where aggregate_id = :customer`,
    `update sequent_schema.events set payload = '{}' where aggregate_id = :customer`,
    `update sequent_schema.events set payload = payload || '{"more": "[erased]"}' where aggregate_id = :customer`,
    `update sequent_schema.events set payload = '"[erased]"' where aggregate_id = :customer`,
    `update sequent_schema.events set event_type = 'CustomerErased' where aggregate_id = :customer`,
    `update sequent_schema.events set created_at = now() where aggregate_id = :customer`,
    `update sequent_schema.events set payload = '{"address": "[erased]"}' where event_type = 'OrderAddressChanged'`,
    `update sequent_schema.commands set user_id = 'eve' where aggregate_id = :customer`,
    "update sequent_schema.aggregates set aggregate_type = 'Order'",
    "update sequent_schema.aggregates set aggregate_type = 'Order', is_closed = true",
    "update sequent_schema.aggregates set is_closed = false",
    "delete from sequent_schema.events",
    "truncate sequent_schema.commands",
  ])("do not change: %s", async (change) => {
    await expect(erasing(change)).rejects.toMatchObject({ code: "42501" });
  });

  test("do not change after the erasure, even in the same transaction", async () => {
    const change = "update sequent_schema.events set payload = payload where aggregate_id = ?";
    const erasing = context.database.patient.transaction(async (transaction) => {
      await transaction.raw("select sequent_schema.erase_personal(?, '[]', '[]')", [customer]);
      await transaction.raw(change, [customer]);
    });
    await expect(erasing).rejects.toMatchObject({ code: "42501" });
  });
});
