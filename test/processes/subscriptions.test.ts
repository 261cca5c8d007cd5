import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { settingsOfWorker } from "../support/database.ts";
import { type RunningProcess, run } from "../support/process.ts";
import { rounds } from "../support/rounds.ts";
import { customer, onShop, useShop } from "../support/shop.ts";
import { standing } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

const context = useShop();
const folder = await mkdtemp(join(tmpdir(), "sequent-blog-ledger-"));
const ledger = join(folder, "ledger");
const raw = (sql: string, values: readonly string[] = []) => context.database.write.raw(sql, [...values]);

beforeEach(async () => {
  writeFileSync(ledger, "");
  await raw("drop table if exists effects");
  await raw("create table effects (event text not null, at bigint generated always as identity)");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function program(script: string, env: NodeJS.ProcessEnv = {}, args: readonly string[] = []) {
  const { databaseUrl } = await settingsOfWorker();
  return run(script, { DATABASE_URL: databaseUrl, LEDGER: ledger, ...env }, onShop, args);
}

const worker = (env?: NodeJS.ProcessEnv): Promise<RunningProcess> =>
  program("test/fixtures/subscribed-shop.ts", env);

/** All events, in the order of each aggregate. */
async function stored(): Promise<string[]> {
  const { rows } = await raw(
    "select concat_ws(':', aggregate_id, sequence_number) as id from sequent_schema.events order by epoch, xact_id, position",
  );
  return rows.map(({ id }: { id: string }) => id);
}

async function addCustomers(count: number): Promise<void> {
  const added = () =>
    context.shop.commandService.executeCommands(customer({ email: `${newId()}@example.com` }));
  for (let more = 0; more < count; more += 1) await added();
}

const letters = () => readFileSync(ledger, "utf8").split("\n").slice(0, -1);
const effects = async (): Promise<string[]> => raw("select event from effects order by at").then(idsIn);
const idsIn = ({ rows }: { rows: { event: string }[] }) => rows.map(({ event }) => event);

/** Without those that came before. */
const firsts = (ids: readonly string[]) => [...new Set(ids)];

test("a worker that is killed at any step loses nothing, and writes rows once", {
  timeout: 60_000 + rounds * 30_000,
}, async () => {
  const steps = ["before the letter", "after the letter", "in the transaction", "after the transaction"];
  let kills = 0;
  for (let round = 0; round < Math.max(1, rounds); round += 1)
    for (const step of steps) {
      await addCustomers(3);
      const killed = await worker({ DIE_AT: step, DIE_AFTER: String(round % 7) });
      expect(await killed.ended).toBe("SIGKILL");
      kills += 1;
    }
  const last = await worker();
  const events = await stored();
  await until(async () => firsts(letters()).length + (await effects()).length === 2 * events.length, 30_000);
  expect(await effects()).toEqual(events);
  expect(firsts(letters())).toEqual(events);
  expect(letters().length).toBeLessThanOrEqual(events.length + kills); // each kill repeats one letter at most
  last.child.kill("SIGTERM");
  expect(await last.ended).toBe(0);
});

test("a worker that was stopped past its lease cannot write, and another one has taken over", {
  timeout: 60_000 + rounds * 20_000,
}, async () => {
  for (let round = 0; round < Math.max(1, rounds); round += 1) {
    await addCustomers(2);
    writeFileSync(`${ledger}.hold`, "");
    const first = await worker();
    await first.wrote(/in the transaction/);
    first.child.kill("SIGSTOP");
    rmSync(`${ledger}.hold`);
    const second = await worker();
    const events = await stored();
    await until(async () => (await effects()).length === events.length, 30_000);
    await addCustomers(2);
    first.child.kill("SIGCONT");
    await first.wrote(/lease lost/);
    const all = await stored();
    await until(async () => firsts(letters()).length + (await effects()).length >= 2 * all.length, 30_000);
    expect(await effects()).toEqual(all);
    expect(firsts(letters())).toEqual(all);
    for (const each of [first, second]) each.child.kill("SIGKILL");
    await Promise.all([first.ended, second.ended]);
  }
});

test("npm run worker brings the database up to date, runs, and ends when it is told to", async () => {
  const running = await program("src/bin/worker.ts");
  await running.wrote(/The worker runs subscriptions on Postgres/);
  running.child.kill("SIGTERM");
  expect(await running.ended).toBe(0);
});

test("npm run subscriptions shows where they stand, and changes it", async () => {
  const [aggregateId, other] = [newId(), newId()];
  await addCustomers(1);
  await raw(
    "insert into sequent_schema.subscriptions (name, version, epoch, xact_id, position) values ('X', 1, 0, '0', 0)",
  );
  await raw(
    `insert into sequent_schema.parked_aggregates (subscription, aggregate_id, next_number, attempts, error)
     values ('X', ?, 4, 10, 'Error: no')`,
    [aggregateId],
  );
  const ask = async (...args: readonly string[]) => {
    const asked = await program("src/bin/subscriptions.ts", {}, args);
    return { code: await asked.ended, output: asked.output() };
  };
  const answers = await Promise.all([ask(), ask("reset", "X", "--to", "1:2"), ask("skip", "X", other)]);
  expect(answers.map(({ code }) => code)).toEqual([0, 1, 1]);
  const [list, reset, skip] = answers.map(({ output }) => output.replace(/\d+ s behind/, "0 s behind"));
  expect(list).toContain(
    `X  3 events and 0 s behind, at 0:0:0, nobody works for it\n  parked: ${aggregateId} from its event 4, not tried again by itself: Error: no`,
  );
  expect(reset).toContain("Say where to, as in --to beginning, --to now or --to 1:4711:42");
  expect(skip).toContain(`X has not parked ${other}.`);
  expect((await ask("pause", "X")).output).toContain("X is paused.");
  expect(await standing(context.database)).toMatchObject({ paused: "by hand" });
});
