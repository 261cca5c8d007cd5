import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { test as anyTest, beforeAll, describe, expect, onTestFinished, vi } from "vitest";
import type { BaseCommand } from "#sequent";
import {
  type LogPosition,
  newId,
  type RecordedEvent,
  RecordedLog,
  Replay,
  verifyViews,
} from "#sequent/operations";
import { ErasureRun } from "../../src/bin/erasure-run.ts";
import { connect, type Database } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { examine } from "../../src/doctor/examine.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import { createShop, eventTypes, modules, projectors, type Shop } from "../fixtures/shop/shop.ts";
import { beginToStore, storeSlowly, tail } from "../support/late-commits.ts";
import { replayUntil } from "../support/replay.ts";
import { SystemServer } from "../support/system-server.ts";

vi.mock("../../src/blog.ts", () => import("../fixtures/shop/shop.ts")); // which ErasureRun imports

const isInstalled = await SystemServer.isInstalled();
const test = anyTest.skipIf(!isInstalled);

/** The counter of the first is ahead of that of the second. */
let servers: readonly [high: SystemServer, low: SystemServer];

beforeAll(async () => {
  if (!isInstalled) return;
  const settings = ["wal_level=logical", "fsync=off"];
  servers = await Promise.all([SystemServer.create(...settings), SystemServer.create(...settings)]);
  const countOn = "do $$ begin for i in 1..20000 loop perform pg_current_xact_id(); commit; end loop; end $$";
  await sql(servers[0].url, countOn);
  return () => Promise.all(servers.map((server) => server.remove()));
});

describe("a log continues as before", () => {
  test.each(["lower", "higher"])("after a restore into a server with a %s counter", async (direction) => {
    const [high, low] = servers;
    const [from, to] = direction === "lower" ? [high, low] : [low, high];
    const name = `restored_${direction}`;
    const told = await tell(await open(from, name));
    await to.restore(name, await from.dump(name));
    const isLower = Number(await nextTransaction(to)) < Number(await nextTransaction(from));
    expect(isLower).toBe(direction === "lower");
    await goesOn(await open(to, name), told);
  });

  test("after a logical replication and a switch of the blog", async () => {
    const [from, to] = servers;
    const name = "replicated";
    const told = await tell(await open(from, name));
    await to.restore(name, await from.dump(name, "--schema-only"));
    await sql(from.urlOf(name), "create publication moved for all tables");
    await sql(to.urlOf(name), `create subscription moved connection '${from.urlOf(name)}' publication moved`);
    const unfinished = "select from pg_subscription_rel where srsubstate <> 'r'";
    await expect.poll(() => sql(to.urlOf(name), unfinished), { timeout: 30_000 }).toEqual([]);
    await told.execute(customer());
    const position = await sql(from.url, "select pg_current_wal_lsn() as lsn");
    const behind = `select from pg_stat_replication where replay_lsn < '${position[0]?.["lsn"]}'`;
    await expect.poll(() => sql(from.url, behind), { timeout: 30_000 }).toEqual([]);
    await sql(to.urlOf(name), "drop subscription moved");
    const switched = await open(to, name);
    await goesOn(switched, { ...told, unread: told.unread + 3 });

    // Sequences are not replicated; a migration that comes later needs one.
    await sql(to.urlOf(name), "drop schema web_schema cascade");
    await sql(to.urlOf(name), "delete from knex_migrations where name like '002%'");
    const applied = await migrate(switched.database.patient, { projectors, eventTypes });
    expect(applied).toEqual(["002_rate_limits"]);
  });

  test("after the promotion of a standby, and a reader that had read more than the standby misses nothing", async () => {
    const [from] = servers;
    const name = "promoted";
    const told = await tell(await open(from, name));
    const standby = await from.standby();
    onTestFinished(() => standby.remove());
    const outlives = new pg.Client(standby.urlOf(name));
    await outlives.connect();
    onTestFinished(() => outlives.end());
    const epoch = async () =>
      (await outlives.query("select epoch from sequent_schema.current_epoch()")).rows[0].epoch;
    expect(await epoch()).toBe(1);

    await sql(standby.url, "alter system set primary_conninfo = ''");
    await sql(standby.url, "select pg_reload_conf()");
    await expect.poll(() => sql(standby.url, "select from pg_stat_wal_receiver")).toEqual([]);
    await told.execute(customer(), customer());
    const lost = await readLog(told.database, told.position, told.unread + 6);
    await sql(standby.url, "select pg_promote()");

    expect(await epoch()).toBe(2);
    await goesOn(await open(standby, name), { ...told, position: lost.at(-1)?.position, unread: 0 });
  });
});

test("a reader of the log misses no late commit in a new epoch", async () => {
  const [from, to] = servers;
  const name = "late_commits";
  const told = await tell(await open(from, name));
  await to.restore(name, await from.dump(name));
  const restored = await open(to, name);
  let writing = true;
  const writers = storeSlowly(restored.database.write).finally(() => {
    writing = false;
  });
  const reader = tail(restored, () => writing, told.position);
  const stored = [...told.orders.slice(2), ...(await writers)];
  expect((await reader).sort()).toEqual(stored.sort());
});

test.each(["commit", "rollback"] as const)(
  "of two units that store the first events on another server, one begins the epoch, even if it ends in a %s",
  async (end) => {
    const [from, to] = servers;
    const name = `first_writers_${end}`;
    const told = await tell(await open(from, name));
    await to.restore(name, await from.dump(name));
    const { shop, database } = await open(to, name);

    const first = await beginToStore(database.write);
    const second = shop.commandService.executeCommands(customer());
    const waiting = `select from pg_stat_activity where datname = '${name}' and wait_event_type = 'Lock'`;
    await expect.poll(() => sql(to.url, waiting)).toHaveLength(1);
    await readLog(database, told.position, told.unread); // old events can be read all the time
    await first.transaction[end]();
    await second;
    expect(await epochs(database)).toEqual([1, 2]);
    await readLog(database, told.position, told.unread + (end === "commit" ? 6 : 3));
  },
);

interface OpenShop {
  readonly shop: Shop;
  readonly database: Database;
  execute(...commands: readonly BaseCommand[]): Promise<void>;
}

/** A blog and its connections, which are closed with the test. */
async function open(server: SystemServer, name: string): Promise<OpenShop> {
  const there = await sql(server.url, `select from pg_database where datname = '${name}'`);
  if (there.length === 0) await sql(server.url, `create database ${name}`);
  const settings = { readDatabaseUrl: undefined, databasePool: 20, dataDirectory: "" };
  const database = await connect({ databaseUrl: server.urlOf(name), ...settings });
  onTestFinished(() => database.close());
  if (there.length === 0) await migrate(database.patient, { projectors, eventTypes });
  const shop = createShop(database);
  const execute = async (...commands: readonly BaseCommand[]) => {
    for (const command of commands) await shop.commandService.executeCommands(command);
  };
  return { shop, database, execute };
}

interface Told extends OpenShop {
  readonly ben: string;
  readonly orders: readonly string[];
  /** Somebody has read the log up to here. */
  readonly position: LogPosition | undefined;
  /** How many events come after it. */
  readonly unread: number;
}

/** Stores events and reads half of them. A replay begins in between. */
async function tell(opened: OpenShop): Promise<Told> {
  const ben = customer();
  await opened.execute(ben);
  const newOrder = () =>
    new PlaceOrder({ customerAggregateId: ben.aggregateId, address: "One", note: "Text" });
  const orders = Array.from({ length: 8 }, newOrder);
  await opened.execute(...orders.slice(0, 4));
  await replayUntil("run", replayOptions(opened.database));
  const read = await readLog(opened.database, undefined, 3 + 4 * 4);
  await opened.execute(...orders.slice(4));
  const ids = orders.map(({ aggregateId }) => aggregateId);
  const position = read[9]?.position;
  return { ...opened, ben: ben.aggregateId, orders: ids, position, unread: 9 + 4 * 4 };
}

/** Does everything that a blog does, and continues a reader of the log. */
async function goesOn({ shop, database, execute }: OpenShop, { ben, orders, position, unread }: Told) {
  const [order = "", other = ""] = orders;
  const epochsBefore = await epochs(database);
  const next = epochsBefore.length + 1;
  expect(await diagnosis(database)).toMatchObject({
    level: "warning",
    what: expect.stringMatching(
      `comes from another server.* epoch 1 began 20.* epoch ${next} begins by itself`,
    ),
    mend: expect.stringContaining("--reapply"),
  });
  // Several are the first to store something.
  await Promise.all(
    orders.map((aggregateId) => execute(new ChangeOrder({ aggregateId, address: "Two", note: "Text" }))),
  );
  await execute(new ShipOrder({ aggregateId: order, shippingDate: "2026-11-20" }));
  const added = new PlaceOrder({ customerAggregateId: ben, address: "New", note: "Text" });
  await execute(customer(), added);
  expect(await shop.queries.order(order)).toMatchObject({ address: "Two" });
  expect(await epochs(database)).toEqual([...epochsBefore, next]);
  expect(await diagnosis(database)).toMatchObject({
    level: "ok",
    what: expect.stringMatching(`was moved to another server.* epoch ${next} began 20`),
  });

  const verify = () => verifyViews({ knex: database.patient, projectors, eventTypes });
  await newReplay(database).resume();
  expect(await verify()).toBeUndefined();
  await reapplyErasure(database, ben);
  expect(await verify()).toBeUndefined();
  const replay = newReplay(database);
  await replay.replay(await replay.plan(projectors));
  expect(await verify()).toBeUndefined();
  await execute(new ShipOrder({ aggregateId: other, shippingDate: "2026-11-20" }));
  await newReplay(database).rollBack();
  expect(await verify()).toBeUndefined();

  const eventsOfThese = 8 + 1 + 3 + 4 + 1 + 1;
  await readLog(database, position, unread + eventsOfThese);
}

/** As the guide asks for after a restore. */
async function reapplyErasure(database: Database, id: string): Promise<void> {
  const file = join(tmpdir(), `${newId()}.jsonl`);
  await writeFile(file, JSON.stringify({ kind: "customer", id, by: "ann" }));
  vi.spyOn(console, "log").mockImplementation(() => {});
  await new ErasureRun(database).reapply(file);
  expect(console.log).toHaveBeenCalledWith("1 of 1 erasures were left to do.");
}

/** The events after a position, each once and those of an aggregate in their order. */
async function readLog(
  database: Database,
  after: LogPosition | undefined,
  count: number,
): Promise<RecordedEvent[]> {
  const log = new RecordedLog(database.read, eventTypes);
  const read: RecordedEvent[] = [];
  await expect
    .poll(async () => {
      read.push(...(await log.after(read.at(-1)?.position ?? after, 7, { isSettled: true })));
      return read.length;
    })
    .toBeGreaterThanOrEqual(count);
  expect(read).toHaveLength(count);
  const last = new Map<string, number>();
  for (const { aggregateId, sequenceNumber } of read) {
    const before = last.get(aggregateId);
    if (before !== undefined) expect(sequenceNumber).toBe(before + 1);
    last.set(aggregateId, sequenceNumber);
  }
  return read;
}

/** What `npm run doctor` says of the log. */
async function diagnosis({ patient: knex }: Database) {
  const patient = { knex, isServer: true, webRole: "nobody", patience: 60 };
  const findings = await examine({ ...patient, modules, projectors, workflows: [] });
  return findings.find(({ check }) => check === "log");
}

async function epochs({ read }: Database): Promise<number[]> {
  return read("sequent_schema.log_epochs").orderBy("epoch").pluck("epoch");
}

const replayOptions = ({ patient }: Database) => ({ knex: patient, projectors, eventTypes, batch: 3 });
const newReplay = (database: Database) => new Replay(replayOptions(database));

const customer = () => new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });

async function nextTransaction(server: SystemServer): Promise<string> {
  const [row] = await sql(server.url, "select pg_snapshot_xmax(pg_current_snapshot())::text as next");
  return row?.["next"] as string;
}

async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
