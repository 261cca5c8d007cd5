import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AggregateKeyNotUnique, on, Subscription } from "#sequent";
import {
  AggregateReader,
  CommandService,
  deleteAllSnapshots,
  ErasureNotAllowed,
  forgetSubscription,
  newId,
  PersonalErasure,
  PostgresEventStore,
  skipParked,
} from "#sequent/operations";
import { connect, type Database } from "../../src/database/database.ts";
import { isMigrated, migrate } from "../../src/database/migrate.ts";
import { RateLimits } from "../../src/database/rate-limits.ts";
import { PostgresSignInStore } from "../../src/database/sign-in/sign-in-store.ts";
import { DevelopmentMailbox } from "../../src/mail/development-mailbox.ts";
import { hashOf, newToken } from "../../src/web/sign-in/tokens.ts";
import { AddCustomer, EraseCustomer } from "../fixtures/shop/customer/commands.ts";
import { CustomerAdded, CustomerErased, CustomerNameSet } from "../fixtures/shop/customer/events.ts";
import { ChangeOrder, PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import {
  aggregates,
  commandClasses,
  commandHandlers,
  createShop,
  eventTypes,
  projectors,
} from "../fixtures/shop/shop.ts";
import { customers } from "../support/customers.ts";
import { settingsOfWorker } from "../support/database.ts";
import { portOf, run } from "../support/process.ts";
import { onShop, recreateShop } from "../support/shop.ts";
import { until } from "../support/until.ts";

async function webRoleSql(): Promise<string> {
  const sql = await readFile(new URL("../../src/database/web-role.sql", import.meta.url), "utf8");
  return sql.replaceAll("?", "\\?");
}

describe("under the role of the web process", () => {
  // Roles belong to all databases of a server, so that of a test has a name of its own.
  const role = `sequent_blog_web_${randomBytes(4).toString("hex")}`;
  const login = `${role}_login`;
  let owner: Database;
  let web: Database;
  let url: string;

  beforeAll(async () => {
    const settings = await settingsOfWorker("role");
    owner = await connect(settings);
    await recreateShop(owner);
    await owner.write.raw((await webRoleSql()).replaceAll("sequent_blog_web", role));
    await owner.write.raw(`create role ${login} login password '${role}' in role ${role}`);
    const own = new URL(settings.databaseUrl ?? "");
    own.username = login;
    own.password = role;
    url = own.toString();
    web = await connect({ ...settings, databaseUrl: url });
  }, 30_000);

  afterAll(async () => {
    await web.close();
    await owner.write.raw(`drop owned by ${login}, ${role}; drop role ${login}, ${role}`);
    await owner.close();
  });

  test("the shop works", async () => {
    const { commandService, eventStore, queries } = createShop(web);
    const email = `${newId()}@example.com`;
    const customer = new AddCustomer({ name: "Ada", email });
    const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "One", note: "Text" });
    const { aggregateId } = order;
    await commandService.executeCommands(customer);
    await commandService.executeCommands(order);
    await commandService.executeCommands(new ChangeOrder({ aggregateId, address: "Two", note: "Text" }));
    await commandService.executeCommands(new ShipOrder({ aggregateId, shippingDate: "2026-11-20" }));
    const again = new AddCustomer({ name: "Eve", email });
    await expect(commandService.executeCommands(again)).rejects.toThrow(AggregateKeyNotUnique);
    expect(await queries.order(aggregateId)).toMatchObject({ address: "Two" });
    expect(await web.read.select().from("view_schema.order_revision_records")).toHaveLength(6);
    const past = new AggregateReader(new PostgresEventStore(web.read, eventTypes), aggregates);
    expect(await past.stateAsOf("Order", aggregateId, 4)).toMatchObject({ address: "One" });
    const snapshot = { aggregateId, snapshotVersion: 1, sequenceNumber: 1, state: {} };
    await eventStore.storeSnapshot(snapshot);
    await eventStore.storeSnapshot({ ...snapshot, sequenceNumber: 2 });
    expect(await deleteAllSnapshots(web.write)).toBe(1);
  });

  test("subscriptions work, and note and park as they go", async () => {
    class Wary extends Subscription("Wary", { from: "beginning", concurrency: 1 }) {
      readonly seen: string[] = [];
      readonly handlers = [
        on(CustomerAdded, ({ aggregateId }) => void this.seen.push(aggregateId)),
        on(CustomerNameSet, () => {
          throw new Error("no");
        }),
      ];
    }
    const wary = new Wary();
    const parts = { ...web, subscriptions: [wary], subscriptionTimes: { retriesMs: [], parkedMs: 1 } };
    const { commandService, subscriptions } = createShop(parts);
    subscriptions.start();
    const ada = new AddCustomer({ name: "Ada", email: `${newId()}@example.com` });
    await commandService.executeCommands(ada);
    await until(() => wary.seen.includes(ada.aggregateId), 15_000);
    const aggregate_id = ada.aggregateId;
    const attempts = () =>
      owner.read("sequent_schema.parked_aggregates").where({ aggregate_id }).first("attempts");
    await until(async () => (await attempts())?.attempts > 0);
    await subscriptions.stop();
    await skipParked(web.write, "Wary", ada.aggregateId);
    await forgetSubscription(web.write, "Wary");
  });

  test("its file may be run again by an owner who cannot create roles, and says what to do if the role is missing", async () => {
    const name = `${role}_owner`;
    const database = `${new URL(url).pathname.slice(1)}_${randomBytes(4).toString("hex")}`;
    await owner.patient.raw(`create role ${name} login password '${name}'`);
    await owner.patient.raw(`create database ${database} owner ${name}`);
    const own = new URL(url);
    [own.username, own.password, own.pathname] = [name, name, `/${database}`];
    const modest = await connect({ ...(await settingsOfWorker("role")), databaseUrl: own.toString() });
    try {
      await migrate(modest.patient, { projectors, eventTypes });
      const sql = await webRoleSql();
      await modest.patient.raw(sql.replaceAll("sequent_blog_web", role));
      await modest.patient.raw(sql.replaceAll("sequent_blog_web", role));
      const missing = modest.patient.raw(sql.replaceAll("sequent_blog_web", `${role}_missing`));
      await expect(missing).rejects.toThrow(/may not create roles.*: create role sequent_blog_web/);
    } finally {
      await modest.close();
      await owner.patient.raw(`drop database ${database} with (force)`);
      await owner.patient.raw(`drop role ${name}`);
    }
  });

  test("limits are counted and cleaned", async () => {
    const limits = new RateLimits(web.write);
    expect(await limits.count([{ key: "role test", seconds: 60 }])).toMatchObject([{ count: 1 }]);
    await limits.uncount("role test");
    await limits.clean();
  });

  test("people sign in and out, and forms are kept", async () => {
    const email = `${newId()}@example.com`;
    await createShop(web).commandService.executeCommands(new AddCustomer({ name: "Ada", email }));
    const store = new PostgresSignInStore(web.write, customers);
    const [tokenHash, sessionHash] = [hashOf(newToken()), hashOf(newToken())];
    await store.addLinkByAddress({ tokenHash, email, returnTo: undefined });
    const taking = { tokenHash, sessionHash, browser: "Firefox", replaced: undefined };
    expect(await store.takeLink(taking)).toMatchObject({ email });
    await web.write.raw("update web_schema.sessions set seen_at = now() - interval '2 hours'");
    const { account_id: id = "" } = (await store.findSession(sessionHash)) ?? {};
    expect(await store.keepForm(hashOf("form"), Buffer.from("sealed"))).toBe(true);
    await store.forgetForm(hashOf("form"));
    await store.endLinks(id);
    await store.endSessions(id);
    await store.clean();
    expect(await store.findSession(sessionHash)).toBeUndefined();
  });

  test("mails are kept while developing", async () => {
    const mailbox = new DevelopmentMailbox(web.write);
    await mailbox.send({ to: "ann@example.com", subject: "Hello", text: "Hello", html: "<p>Hello</p>" });
    expect(await mailbox.mails()).toMatchObject([{ to: "ann@example.com" }]);
  });

  test("events that another build deferred are projected", async () => {
    const { eventStore } = createShop(web);
    const without = new CommandService({ eventStore, commandHandlers });
    await without.executeCommands(new AddCustomer({ name: "Ada", email: `${newId()}@example.com` }));
    const deferred = () => web.write.from("sequent_schema.deferred_events").select("projector");
    expect(await deferred()).toHaveLength(3 * 3);
    await eventStore.catchUp(projectors);
    expect(await deferred()).toEqual([]);
  });

  test("the server starts and is ready, and sees that nothing is left to migrate", async () => {
    expect(await isMigrated(web.write)).toBe(true);
    const port = await portOf(await run("src/server.ts", { DATABASE_URL: url }, onShop));
    expect((await fetch(`http://localhost:${port}/readyz`)).status).toBe(200);
  }, 15_000);

  test("if a migration has not run, the server says who must run it", async () => {
    await owner.write.raw("create table kept as select * from knex_migrations order by id desc limit 1");
    await owner.write.raw("delete from knex_migrations where id in (select id from kept)");
    try {
      const started = await run("src/server.ts", { DATABASE_URL: url }, onShop);
      expect(await started.ended).toBe(1);
      expect(started.output()).toMatch(
        /^Postgres at .* is not up to date: run "npm run migrate"\. The role "\w+" lacks a right .*, who owns the tables\..*\n$/,
      );
    } finally {
      await owner.write.raw("insert into knex_migrations select * from kept; drop table kept");
    }
  }, 15_000);

  const tables = ["commands", "aggregates", "events"].map((name) => `sequent_schema.${name}`);

  test.each([
    ...tables.flatMap((table) => [
      `update ${table} set aggregate_id = aggregate_id`,
      `delete from ${table}`,
      `truncate ${table}`,
      `drop table ${table}`,
      `alter table ${table} disable trigger user`,
      `alter table ${table} add column more text`,
      `create index on ${table} (aggregate_id)`,
      `create trigger t before insert on ${table} execute function sequent_schema.refuse_change()`,
    ]),
    "update sequent_schema.log_epochs set cluster = cluster",
    "delete from sequent_schema.log_epochs",
    "update sequent_schema.aggregate_unique_keys set key = key",
    "truncate sequent_schema.aggregate_unique_keys",
    "truncate sequent_schema.aggregate_snapshots",
    "update sequent_schema.projector_states set version = 9",
    "update public.knex_migrations set batch = 9",
    "truncate view_schema.order_records",
    "drop table view_schema.order_records",
    "create table sequent_schema.more ()",
    "create table view_schema.more ()",
    "create table web_schema.more ()",
    "create table public.more ()",
    "create schema more",
    "create or replace function sequent_schema.refuse_change() returns trigger language sql as 'select 1'",
    "drop function sequent_schema.refuse_change() cascade",
    "select sequent_schema.erase_personal(gen_random_uuid(), '[]', '[]')",
    "set session_replication_role = replica",
    "create role more",
  ])("%s is refused", async (sql) => {
    await expect(web.write.raw(sql)).rejects.toMatchObject({
      code: "42501",
      message: expect.stringMatching(/permission denied|must be owner/),
    });
  });

  test("nobody can be erased, and the attempt stores nothing", async () => {
    const { commandService } = createShop(web);
    const customer = new AddCustomer({ name: "Ada", email: `${newId()}@example.com` });
    await commandService.executeCommands(customer);
    const erasure = new PersonalErasure({ knex: web.patient, commandService, eventTypes, commandClasses });
    await expect(
      erasure.erase(new EraseCustomer({ aggregateId: customer.aggregateId, by: "eve" })),
    ).rejects.toThrow(ErasureNotAllowed);
    expect((await createShop(web).eventStore.load([customer.aggregateId]))[0]?.events).toHaveLength(3);
  });

  test("a person can be closed, and the owner takes what is personal out of the past", async () => {
    const { commandService } = createShop(web);
    const customer = new AddCustomer({ name: "Ada", email: `${newId()}@example.com` });
    const { aggregateId } = customer;
    await commandService.executeCommands(customer);
    await commandService.executeCommands(new EraseCustomer({ aggregateId, by: "Ada" }));
    const options = { commandService, eventTypes, commandClasses };
    const byWeb = new PersonalErasure({ ...options, knex: web.patient });
    const byOwner = new PersonalErasure({ ...options, knex: owner.patient });
    await expect(byWeb.finish(aggregateId)).rejects.toThrow(ErasureNotAllowed);
    expect(await byOwner.unfinished([CustomerErased])).toContain(aggregateId);
    await byOwner.finish(aggregateId);
    expect(await byOwner.unfinished([CustomerErased])).not.toContain(aggregateId);
  });

  test("a later view may be written, too", async () => {
    await owner.write.raw("create table view_schema.later (id integer)");
    try {
      await web.write.raw("insert into view_schema.later values (1)");
    } finally {
      await owner.write.raw("drop table view_schema.later");
    }
  });
});
