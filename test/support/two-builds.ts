import { expect, onTestFinished } from "vitest";
import { dueProjectors, Replay, verifyViews } from "#sequent/operations";
import { connect, type Database } from "../../src/database/database.ts";
import { type Program, recreate, settingsOfWorker } from "./database.ts";
import { portOf, run } from "./process.ts";
import { type Round, Visitor } from "./visitor.ts";

interface TwoBuilds {
  readonly program: Program;
  /** Options of Node that make a program run as the old build. */
  readonly options: readonly string[];
  /** The file that makes a program run as the new build if it is imported first, and the projector that has changed. */
  readonly later: { readonly file: string; readonly projector: string };
  /** Stores the first data. Returns what visitors do afterwards. */
  readonly begin: (database: Database) => Promise<Round>;
}

/** An old and a new build serve together before, during and after the replacement of a view. Returns how often visitors wrote. */
export async function serveTogether({ program, options, later, begin }: TwoBuilds) {
  const { eventTypes } = program;
  const settings = await settingsOfWorker("builds");
  const database = await connect(settings);
  onTestFinished(() => database.close());
  await recreate(database, program);
  const round = await begin(database);

  const start = async (...imports: readonly string[]) => {
    const env = { DATABASE_URL: settings.databaseUrl, RATE_LIMIT: "off", REPLAY_AT_START: "0" };
    const server = await run("src/server.ts", env, [
      ...options,
      ...imports.flatMap((each) => ["--import", each]),
    ]);
    const address = `http://localhost:${await portOf(server)}`;
    const visitors = [1, 2].map(() => new Visitor(() => address, round));
    const isReady = async () => (await fetch(`${address}/readyz`)).ok;
    const writes = (times: number) =>
      expect
        .poll(() => Math.min(...visitors.map((each) => each.written.length)), patience)
        .toBeGreaterThan(times);
    return { visitors, isReady, writes };
  };
  const old = await start();
  await old.writes(2);
  const next = await start(later.file);
  await next.writes(2);
  expect([await old.isReady(), await next.isReady()]).toEqual([true, false]);

  await import(`../../${later.file}`); // from here on, this process also belongs to the new build
  const { projectors } = program;
  const replay = new Replay({ knex: database.patient, projectors, eventTypes });
  const due = await dueProjectors(database.patient, projectors);
  expect(due.map(({ savedName }) => savedName)).toEqual([later.projector]);
  await replay.replay(await replay.plan(due));
  await old.writes((old.visitors[0]?.written.length ?? 0) + 2);
  await next.writes((next.visitors[0]?.written.length ?? 0) + 2);
  expect([await old.isReady(), await next.isReady()]).toEqual([true, true]);

  const visitors = [...old.visitors, ...next.visitors];
  for (const visitor of visitors) await visitor.stop();
  const conflict = 409; // repeated, it is answered with success
  const repeated = visitors.flatMap((visitor) => visitor.repeated);
  expect(repeated.filter((status) => status !== conflict)).toEqual([]);
  await expect
    .poll(() => database.write.from("sequent_schema.deferred_events").select(), patience)
    .toEqual([]);
  expect(await verifyViews({ knex: database.patient, projectors, eventTypes })).toBeUndefined();
  const written = visitors.reduce((sum, visitor) => sum + visitor.written.length, 0);
  console.log(`written ${written} times, ${repeated.length} conflicts`);
  return { database, written };
}

const patience = { timeout: 30_000, interval: 50 };
