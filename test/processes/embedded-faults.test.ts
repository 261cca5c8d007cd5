import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { embeddedConnection } from "../../src/database/embedded/embedded-postgres.ts";
import { defaultHostOptions } from "../../src/database/embedded/host-options.ts";
import { spawnTypeScript } from "../../src/database/embedded/spawn.ts";
import { emptyPlace, newPlace, Place, rounds, until } from "../support/embedded.ts";

const HOST = new URL("../../src/database/embedded/host.ts", import.meta.url);
const patience = { timeout: 60_000 + rounds * 15_000 };

test(
  "kill -9 at any moment under load loses no acknowledged transaction and tears none",
  patience,
  async () => {
    const place = await newPlace();
    const pool = place.pool(5);
    await pool.raw("CREATE TABLE pair (id serial PRIMARY KEY, writer int, n int, half int)");
    const acknowledged: [number, number][] = [];
    let slowest = 0;
    let stopped = false;

    // Each writer has a connection of its own and opens another when it breaks; a pair has two halves or none.
    const writers = [1, 2, 3, 4, 5].map(async (writer) => {
      for (let n = 0; !stopped; ) {
        const client = new pg.Client(embeddedConnection(place.directory));
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
      }
    });

    for (let round = 0; round < Math.max(rounds, 2); round++) {
      const before = acknowledged.length;
      await until(() => acknowledged.length > before + 5, 20_000);
      await sleep(Math.random() * 300);
      await place.kill();
      const killed = performance.now();
      // One retry: the pool may hand out a connection before it has seen it break.
      await pool("pair")
        .first()
        .catch(() => pool("pair").first());
      slowest = Math.max(slowest, performance.now() - killed);
    }
    stopped = true;
    await Promise.all(writers);

    const stored = await pool("pair").select("writer", "n").count("half as halves").groupBy("writer", "n");
    expect(stored.filter(({ halves }) => Number(halves) !== 2)).toEqual([]);
    const found = new Set(stored.map(({ writer, n }) => `${writer}/${n}`));
    expect(acknowledged.filter(([writer, n]) => !found.has(`${writer}/${n}`))).toEqual([]);
    console.log(`${acknowledged.length} acknowledged, 0 lost; slowest return ${Math.round(slowest)} ms`);
    // Three seconds is the aim; a busy machine may take longer, and that is no fault.
    expect(slowest).toBeLessThan(rounds > 0 ? 3_000 : 10_000);
  },
);

describe("a first start killed on the way opens later", () => {
  const unfinished = (place: Place): string | undefined =>
    readdirSync(place.directory).find((name) => name.startsWith("postgres.tmp-"));
  const moments: [string, (place: Place) => boolean][] = [
    [
      "when the last files are being written",
      (place) => existsSync(join(place.directory, unfinished(place) ?? "-", "PG_VERSION")),
    ],
    ["right after the rename", (place) => existsSync(join(place.directory, "postgres"))],
    ["early", (place) => unfinished(place) !== undefined],
  ];
  // Without heavy rounds only the moment that is known to be deadly.
  test.each(rounds > 0 ? moments : moments.slice(0, 1))("%s", patience, async (_, reached) => {
    for (let round = 0; round < Math.max(rounds / moments.length, 1); round++) {
      const place = emptyPlace();
      const host = spawnTypeScript(HOST, [place.directory, JSON.stringify(defaultHostOptions)], {
        stdio: "ignore",
        detached: true,
      });
      await until(() => reached(place), 20_000);
      await sleep(rounds > 0 ? (round % 4) * 5 : 0);
      // Sometimes the process that fills the directory outlives its host.
      process.kill(round % 3 === 1 ? (host.pid ?? 0) : -(host.pid ?? 0), "SIGKILL");
      expect((await (await place.client()).query("SELECT 1 AS n")).rows).toEqual([{ n: 1 }]);
      if (round % 3 !== 1)
        expect(readdirSync(place.directory).filter((name) => name.includes("tmp"))).toEqual([]);
      await place.clear();
    }
  });
});

// Needs root, to mount a small file system.
test.runIf(rounds > 0 && process.getuid?.() === 0)(
  "a full disk fails and does not hang, and all comes back with the space",
  patience,
  async () => {
    const directory = emptyPlace().directory;
    const mount = join(directory, "small");
    mkdirSync(mount);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", mount]);
    onTestFinished(() => void execFileSync("umount", ["-l", mount]));
    const place = new Place({ startTimeoutMs: 10_000 }, join(mount, "data"));
    onTestFinished(() => place.clear());

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
      `full after ${stored} rows and ${Math.round(performance.now() - started)} ms (${why}); ${place.log.match(/.*(exit 70|FATAL|PANIC).*/g)?.at(-1) ?? "host goes on"}`,
    );

    // Full as it is, a new connection gets an answer or an error, in time.
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
