import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Knex } from "knex";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Replay, ReplayLost, verifyViews } from "#sequent/operations";
import { connect, type Database, type DatabaseSettings } from "../../src/database/database.ts";
import { createShop, eventTypes, projectors } from "../fixtures/shop/shop.ts";
import { empty, settingsOfWorker } from "../support/database.ts";
import { type RunningProcess, run } from "../support/process.ts";
import { replayUntil } from "../support/replay.ts";
import { customer, onShop, orderOf, recreateShop } from "../support/shop.ts";

let settings: DatabaseSettings;
let database: Database;

beforeAll(async () => {
  settings = await settingsOfWorker("ownership");
  database = await connect(settings);
  await recreateShop(database);
});

beforeEach(async () => {
  await newReplay().abort();
  await empty(database);
  const ben = customer();
  await createShop(database).commandService.executeCommands(ben, orderOf(ben.aggregateId));
});

afterAll(() => database.close());

const options = () => ({ knex: database.patient, projectors, eventTypes });
const newReplay = () => new Replay(options());
const verified = () => verifyViews({ knex: database.patient, projectors, eventTypes });
const program = (...args: string[]) =>
  run("src/bin/replay.ts", { DATABASE_URL: settings.databaseUrl }, onShop, args);

const prepared = () => replayUntil("run", options());

/** Holds a lock that the test lets go of, and ends with it. */
async function holding(sql: string): Promise<Knex.Transaction> {
  const transaction = await database.write.transaction();
  onTestFinished(async () => {
    if (!transaction.isCompleted()) await transaction.rollback();
  });
  await transaction.raw(sql);
  return transaction;
}

/** The backend that waits for a lock, once one does. */
async function waiter(): Promise<number> {
  return vi.waitFor(
    async () => {
      const { rows } = await database.write.raw(
        `select pid from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and application_name like 'sequent-blog%'`,
      );
      expect(rows.length).toBeGreaterThan(0);
      return rows[0].pid;
    },
    { timeout: 30_000, interval: 10 },
  );
}

test("a replay that loses its database says how to resume, and this works", async () => {
  await prepared();
  const lock = await holding("lock table replay_schema.order_records in access exclusive mode");
  const cut = await program("--workers", "1");
  await database.write.raw("select pg_terminate_backend(?)", [await waiter()]);
  expect(await cut.ended).toBe(1);
  expect(cut.output()).toMatch(
    /^The connection to the database was lost .*The work so far is kept: run the same command to resume\.$/m,
  );
  expect(cut.output()).not.toMatch(/not queryable|^ {4}at /m);
  await lock.rollback();

  const resumed = await program();
  expect(await resumed.ended).toBe(0);
  expect(resumed.output()).toMatch(/The new views are live/);
  expect(await verified()).toBeUndefined();
});

test("a replay whose tables are in use names the process that uses them, and blames no projector or database", async () => {
  await prepared();
  const lock = await holding("lock table replay_schema.order_records in access exclusive mode");
  const { ended, output } = await program("--workers", "1");
  expect(await ended).toBe(1);
  expect(output()).toMatch(/^A table that is needed is in use, by process \d+ .*run this again: psql .*$/m);
  expect(output()).not.toMatch(/was lost|failed on|^ {4}at /m);
  await lock.rollback();
});

test("a replay that somebody else aborts says so, and blames no projector", async () => {
  await prepared();
  const lock = await holding("lock table replay_schema.order_records in access exclusive mode");
  const going = newReplay().resume();
  const lost = expect(going).rejects.toThrow(ReplayLost);
  await waiter();
  await lock.raw("drop table replay_schema.order_records");
  await lock.raw("delete from sequent_schema.replay_parts");
  await lock.raw("delete from sequent_schema.replays");
  await lock.commit();
  await lost;
  await expect(going).rejects.toThrow("This replay was aborted or taken over by another process.");
});

test("a replay whose processes are stopped, with all the locks that they hold, is taken over", async () => {
  await prepared();
  const lock = await holding("select from sequent_schema.replay_parts for update");
  const stopped = await program("--workers", "1");
  await waiter();
  const processes = [stopped.child.pid as number, ...(await childrenOf(stopped))];
  expect(processes.length).toBeGreaterThan(1);
  for (const pid of processes) process.kill(pid, "SIGSTOP");
  try {
    await lock.rollback(); // the rows that it wrote are not committed, and it will not end its transaction
    await newReplay().resume();
    expect(await newReplay().state()).toBeUndefined();
    expect(await verified()).toBeUndefined();
  } finally {
    for (const pid of processes) process.kill(pid, "SIGCONT");
  }
  expect(await stopped.ended).toBe(1);
  expect(stopped.output()).toMatch(/This replay was aborted or taken over by another process\./);
});

async function childrenOf({ child }: RunningProcess): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === child.pid)
    .map(([pid = 0]) => pid);
}
