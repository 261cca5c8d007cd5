import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ensureEmbeddedPostgres } from "../../src/database/embedded/embedded-postgres.ts";
import { readNote } from "../../src/database/embedded/host-files.ts";
import { defaultHostOptions } from "../../src/database/embedded/host-options.ts";
import { spawnTypeScript } from "../../src/database/embedded/spawn.ts";
import { copyTemplate, emptyPlace, isAlive, newPlace, Place, until } from "../support/embedded.ts";

const HOST = new URL("../../src/database/embedded/host.ts", import.meta.url);

// Shared by the tests that leave the host alive or able to come back.
const place = new Place({ lingerMs: 300, stepLimitMs: 2_000, maintenanceMs: 300 });
beforeAll(() => copyTemplate(place.directory));
beforeEach(async () => {
  await (await place.client()).query("DROP TABLE IF EXISTS t");
  await place.disconnect();
});
afterEach(() => place.disconnect());
afterAll(() => place.clear());

async function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode ?? (await new Promise((resolve) => child.once("exit", resolve)));
}

test("many processes that start at once end with one host, and each is answered", {
  timeout: 30_000,
}, async () => {
  const place = await newPlace();
  const module = pathToFileURL(
    join(import.meta.dirname, "../../src/database/embedded/embedded-postgres.ts"),
  ).href;
  const program = `
    import pg from "pg";
    import { embeddedConnection } from "${module}";
    const client = new pg.Client(embeddedConnection(process.argv[1]));
    await client.connect();
    console.log((await client.query("SELECT pg_postmaster_start_time()::text AS started")).rows[0].started);
    await client.end();`;
  const starters = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, [
      "--import",
      "tsx",
      "--input-type=module",
      "-e",
      program,
      place.directory,
    ]);
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => output.push(String(text)));
    return ended(child).then((code) => ({ code, output: output.join("") }));
  });
  const results = await Promise.all(starters);
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(new Set(results.map(({ output }) => output)).size).toBe(1);
  expect(place.log.match(/serving/g)).toHaveLength(1);
});

test("a host on a directory that has one ends at once and names it", async () => {
  await place.client();
  const second = spawnTypeScript(HOST, [place.directory, JSON.stringify(defaultHostOptions)], {
    stdio: "pipe",
  });
  let said = "";
  second.stderr?.on("data", (text) => {
    said += text;
  });
  expect(await ended(second)).toBe(75);
  expect(said).toContain(`${place.directory} is in use by process ${place.pid}`);
});

test("the host goes when its last client has gone, and comes back for the next", async () => {
  const client = await place.client();
  await client.query("CREATE TABLE t AS SELECT 7 AS n");
  const { pid } = place;
  await sleep(500);
  expect(isAlive(pid)).toBe(true);
  await client.end();
  await until(() => !isAlive(pid), 3_000);
  expect(place.log).toContain("closed");
  expect(existsSync(join(readNote(place.directory)?.address ?? "", ".s.PGSQL.5432"))).toBe(false);
  expect((await (await place.client()).query("SELECT n FROM t")).rows).toEqual([{ n: 7 }]);
  expect(place.pid).not.toBe(pid);
});

test("a pool goes on by itself after the host was killed, with nothing acknowledged lost", async () => {
  const pool = place.pool();
  await pool.raw("CREATE TABLE t (n int PRIMARY KEY)");
  for (let round = 0; round < 2; round++) {
    await place.kill();
    const started = performance.now();
    await pool("t").insert({ n: round });
    expect(performance.now() - started).toBeLessThan(10_000);
  }
  expect(await pool("t").orderBy("n")).toEqual([{ n: 0 }, { n: 1 }]);
});

test("SIGINT and SIGHUP are ignored; SIGTERM closes cleanly under its clients", async () => {
  const client = await place.client();
  const gone = new Promise((resolve) => client.once("error", resolve));
  process.kill(place.pid, "SIGINT");
  process.kill(place.pid, "SIGHUP");
  await sleep(100);
  await client.query("CREATE TABLE t AS SELECT 1 AS n");
  await client.query("BEGIN; DELETE FROM t");
  await place.kill("SIGTERM");
  expect(await gone).toMatchObject({ code: "57P01" });
  expect(place.log).toMatch(/database system is shut down[\s\S]*closed/);
  expect((await (await place.client()).query("SELECT n FROM t")).rows).toEqual([{ n: 1 }]);
});

test("a FATAL ends the host with code 70 instead of a loop, and the next connection works", async () => {
  const client = await place.client();
  await client.query("CREATE TABLE t AS SELECT 1 AS n");
  await client.query("SET exit_on_error = on");
  await expect(client.query("SELECT 1 / 0")).rejects.toThrow();
  await until(() => /exit 70: /.test(place.log));
  expect((await (await place.client()).query("SELECT n FROM t")).rows).toEqual([{ n: 1 }]);
});

test("a step that does not end is ended by the watchdog, and the log says so", async () => {
  const client = await place.client();
  await expect(client.query("DO $$ BEGIN LOOP END LOOP; END $$")).rejects.toThrow();
  expect(place.log).toContain("one step took longer than 2000 ms");
  expect((await (await place.client()).query("SELECT 1 AS n")).rows).toEqual([{ n: 1 }]);
});

test("a data directory that is replaced under the host gets a new host, though the old has clients", async () => {
  const place = await newPlace();
  await (await place.client()).query("CREATE TABLE t ()");
  rmSync(place.directory, { recursive: true });
  await copyTemplate(place.directory);
  await expect((await place.client()).query("SELECT * FROM t")).rejects.toMatchObject({ code: "42P01" });
});

test("a host that cannot start says why", async () => {
  const place = emptyPlace();
  writeFileSync(join(place.directory, "postgres"), "not a directory");
  await expect(ensureEmbeddedPostgres(place.directory)).rejects.toThrow(
    /ended while starting \(exit 70\)[\s\S]*is not a data directory of Postgres/,
  );
});

test("only the owner can reach the socket, however long the path of the data directory", async () => {
  const place = emptyPlace();
  const long = join(place.directory, "d".repeat(120), "e".repeat(120));
  await copyTemplate(long);
  const found = await ensureEmbeddedPostgres(long, { lingerMs: 0 });
  expect(Buffer.byteLength(found.host)).toBeLessThan(90);
  expect(statSync(found.host).mode & 0o777).toBe(0o700);
  process.kill(readNote(long)?.pid ?? 0, "SIGTERM");
  await until(() => !isAlive(readNote(long)?.pid ?? 0));
});

test("dead rows are vacuumed when it is quiet, though there is no autovacuum", async () => {
  const client = await place.client();
  await client.query("CREATE TABLE t AS SELECT generate_series(1, 2000) AS n");
  await client.query("UPDATE t SET n = n + 1");
  const seen = "SELECT vacuum_count::int AS times FROM pg_stat_user_tables WHERE relname = 't'";
  await sleep(800);
  expect((await client.query(seen)).rows).toEqual([{ times: 1 }]);
});
