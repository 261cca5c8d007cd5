import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { Place } from "../support/place.ts";
import { rounds } from "../support/rounds.ts";
import { until } from "../support/until.ts";

const module = pathToFileURL(
  join(import.meta.dirname, "../../src/database/embedded/embedded-postgres.ts"),
).href;
const patience = { timeout: 60_000 + rounds * 15_000 };

test(
  "kill -9 at any moment under load loses no acknowledged transaction, and splits none",
  patience,
  async () => {
    const place = await Place.withFiles();
    const pool = place.pool(5);
    await pool.query("CREATE TABLE pair (id serial PRIMARY KEY, writer int, n int, half int)");
    const acknowledged: [number, number][] = [];
    let slowest = 0;
    let stopped = false;
    onTestFinished(() => {
      stopped = true; // also if the test fails: the writers would try for ever, without a pause for anything else
    });

    // Each writer has a connection of its own and opens another when it breaks; a pair has two halves or none.
    const writers = [1, 2, 3, 4, 5].map(async (writer) => {
      for (let n = 0; !stopped; ) {
        const client = new pg.Client(place.postgres.connection);
        client.on("error", () => {});
        try {
          await client.connect();
          for (; !stopped; n++) {
            await client.query("BEGIN");
            await client.query("INSERT INTO pair (writer, n, half) VALUES ($1, $2, 1)", [writer, n]);
            await client.query("INSERT INTO pair (writer, n, half) VALUES ($1, $2, 2)", [writer, n]);
            await client.query("COMMIT");
            acknowledged.push([writer, n]);
          }
        } catch {
          n++;
        }
        await client.end().catch(() => {});
        await sleep(1);
      }
    });

    for (let round = 0; round < Math.max(rounds, 2); round++) {
      const before = acknowledged.length;
      await until(() => acknowledged.length > before + 5, 20_000);
      await sleep(Math.random() * 300);
      await place.kill();
      const killed = performance.now();
      // One retry: the pool may hand out a connection before it has seen it break.
      const look = () => pool.query("select from pair limit 1");
      await look().catch(look);
      slowest = Math.max(slowest, performance.now() - killed);
    }
    stopped = true;
    await Promise.all(writers);

    const { rows: stored } = await pool.query(
      "select writer, n, count(half)::integer as halves from pair group by writer, n",
    );
    expect(stored.filter(({ halves }) => halves !== 2)).toEqual([]);
    const found = new Set(stored.map(({ writer, n }) => `${writer}/${n}`));
    expect(acknowledged.filter(([writer, n]) => !found.has(`${writer}/${n}`))).toEqual([]);
    console.log(`${acknowledged.length} acknowledged, 0 lost; slowest return ${Math.round(slowest)} ms`);
    if (rounds >= 20) expect(slowest).toBeLessThan(3_000); // on a machine that does nothing else
  },
);

describe("a program that is killed during its first start", () => {
  const unfinished = (place: Place) =>
    readdirSync(place.directory).find((name) => name.startsWith("postgres.unfinished-")) ?? "-";
  const moments: [string, (place: Place) => boolean][] = [
    ["early", (place) => existsSync(join(place.directory, unfinished(place)))],
    [
      "when the last files are being written",
      (place) => existsSync(join(place.directory, unfinished(place), "postgresql.conf")),
    ],
    ["right after the rename", (place) => existsSync(place.cluster)],
    ["right after the server was started", (place) => existsSync(join(place.cluster, "postmaster.pid"))],
  ];
  test.each(moments)("leaves nothing that disturbs the next program: %s", patience, async (_, reached) => {
    for (let round = 0; round < Math.max(rounds / moments.length, 1); round++) {
      const place = new Place();
      const source = `new (await import(${JSON.stringify(module)})).EmbeddedPostgres(process.argv[1]).start()`;
      const child = spawn(
        process.execPath,
        ["--import", "tsx", "--input-type=module", "-e", source, place.directory],
        { stdio: "ignore", detached: true },
      );
      await until(() => reached(place), 20_000);
      await sleep((round % 4) * 5);
      // Sometimes the program that makes the files outlives the one that started it.
      process.kill(round % 3 === 1 ? (child.pid ?? 0) : -(child.pid ?? 0), "SIGKILL");
      expect((await (await place.client()).query("select 1 as n")).rows).toEqual([{ n: 1 }]);
    }
  });
});

// Needs root, to mount a small file system.
test.runIf(rounds > 0 && process.getuid?.() === 0)(
  "a full disk leads to errors, not to hanging, and everything works again when there is space",
  patience,
  async () => {
    const mount = mkdtempSync(join(tmpdir(), "small-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=96m", "tmpfs", mount]);
    onTestFinished(() => void execFileSync("umount", ["-l", mount]));
    const place = new Place(join(mount, "data"));

    const writer = await place.client();
    await writer.query("CREATE TABLE t (n int, text text)");
    writeFileSync(join(mount, "ballast"), Buffer.alloc(6 << 20));
    let stored = 0;
    const started = performance.now();
    const write = async (): Promise<void> => {
      for (;;) {
        await writer.query("INSERT INTO t VALUES ($1::int, repeat(md5($1::int::text), 300))", [stored]);
        stored++;
      }
    };
    const why = await write().catch((error: Error) => error.message);

    console.log(
      `full after ${stored} rows and ${Math.round(performance.now() - started)} ms (${why}); ${place.isRunning ? "it goes on" : "it ended"}`,
    );

    // On the full disk, a new connection gets an answer or an error, in time.
    await place
      .client()
      .then((client) => client.query("INSERT INTO t VALUES (-1, '')"))
      .catch(() => {});
    execFileSync("rm", [join(mount, "ballast")]);
    const { rows } = await (await place.client()).query(
      "SELECT count(DISTINCT n)::int AS n FROM t WHERE n BETWEEN 0 AND $1",
      [stored - 1],
    );
    expect(rows).toEqual([{ n: stored }]);
  },
);
