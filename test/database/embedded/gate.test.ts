import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { message, query, sync } from "../../../src/database/embedded/wire.ts";
import { copyTemplate, Place, RawClient, until } from "../../support/embedded.ts";

const place = new Place({ idleInTransactionMs: 400 });
let admin: pg.Client;

beforeAll(async () => {
  await copyTemplate(place.directory);
  admin = await place.client();
  await admin.query("CREATE TABLE entry (id text PRIMARY KEY, connection int, n int)");
}, 30_000);
afterAll(() => place.clear());

const clients = (count: number): Promise<pg.Client[]> =>
  Promise.all(Array.from({ length: count }, () => place.client()));

describe("every reply belongs to its request, and what was acknowledged is there", () => {
  test.each([1, 3, 9])("with %i connections at once", async (count) => {
    const run = `run-${count}`;
    const acknowledged: string[] = [];
    await Promise.all(
      (await clients(count)).map(async (client, connection) => {
        for (let n = 0; n < 40; n++) {
          const id = `${run}/${connection}/${n}`;
          // The same statement name stands for another text in each connection.
          const named = await client.query({
            name: "same",
            text: `SELECT $1::text AS id, ${connection} AS c`,
            values: [id],
          });
          expect(named.rows).toEqual([{ id, c: connection }]);
          if (n % 3 === 0) {
            await client.query("BEGIN");
            await sleep(n % 2);
            await client.query("INSERT INTO entry VALUES ($1, $2, $3)", [id, connection, n]);
            const inside = await client.query("SELECT n FROM entry WHERE id = $1", [id]);
            expect(inside.rows).toEqual([{ n }]);
            await client.query(n % 2 ? "COMMIT" : "ROLLBACK");
            if (n % 2) acknowledged.push(id);
          } else if (n % 3 === 1) {
            await client.query("INSERT INTO entry VALUES ($1, $2, $3)", [id, connection, n]);
            acknowledged.push(id);
          } else
            await expect(client.query("SELECT $1::int / 0", [n])).rejects.toMatchObject({ code: "22012" });
        }
      }),
    );
    const { rows } = await admin.query("SELECT id FROM entry WHERE id LIKE $1", [`${run}/%`]);
    expect(rows.map(({ id }) => id).sort()).toEqual(acknowledged.sort());
  });
});

test("a connection's statements end with it, and the others keep theirs", async () => {
  const count = "SELECT count(*)::int AS n FROM pg_prepared_statements";
  const [left, kept] = (await clients(2)) as [pg.Client, pg.Client];
  for (const client of [left, kept]) await client.query({ name: "mine", text: "SELECT 1" });
  const before = (await admin.query(count)).rows[0].n;
  await left.end();
  await until(async () => (await admin.query(count)).rows[0].n === before - 1);
  expect((await kept.query({ name: "mine", text: "SELECT 1" })).rowCount).toBe(1);
});

test("a connection opened read-only is read-only, and only that one", async () => {
  const reader = await place.client({ options: "-c default_transaction_read_only=on" });
  const write = "INSERT INTO entry VALUES (gen_random_uuid()::text, 0, 0)";
  for (let i = 0; i < 3; i++) {
    await expect(reader.query(write)).rejects.toMatchObject({ code: "25006" });
    await admin.query(write);
    expect(
      (await reader.query("SHOW default_transaction_read_only")).rows[0].default_transaction_read_only,
    ).toBe("on");
  }
});

test("SET, set_config and SET ROLE hold for their connection only", async () => {
  const [one, other] = (await clients(2)) as [pg.Client, pg.Client];
  await admin.query("CREATE ROLE visitor");
  const path = async (client: pg.Client) => (await client.query("SHOW search_path")).rows[0].search_path;
  const user = async (client: pg.Client) => (await client.query("SELECT current_user AS u")).rows[0].u;
  await one.query("SET search_path = pg_catalog, 'public'");
  await other.query("SELECT set_config('blog.author', $1, false)", ["o'\\hara"]);
  await one.query("SET ROLE visitor");
  expect([await path(one), await path(other)]).toEqual(["pg_catalog, public", "public"]);
  expect([await user(one), await user(other)]).toEqual(["visitor", "postgres"]);
  expect((await other.query("SHOW blog.author")).rows[0]["blog.author"]).toBe("o'\\hara");
  expect((await one.query("SELECT current_setting('blog.author', true) AS a")).rows[0].a || null).toBeNull();
  await expect(one.query("SELECT * FROM entry")).rejects.toMatchObject({ code: "42501" });
  await one.query("BEGIN; SET search_path = nowhere; ROLLBACK");
  expect(await path(one)).toBe("pg_catalog, public");
});

describe("what the session would not survive is refused, and everything goes on", () => {
  test.each([
    "COPY entry FROM STDIN",
    "SELECT 1; /* load */ copy entry (id) FROM stdin WITH (FORMAT csv)",
    "SET idle_in_transaction_session_timeout = 5",
    "SELECT set_config('transaction_timeout', '5', false)",
    "LISTEN news",
    "DISCARD ALL",
    "SELECT pg_advisory_lock(1)",
  ])("%s", async (sql) => {
    const client = await place.client();
    await expect(client.query(sql)).rejects.toMatchObject({ code: "0A000" });
    await expect(client.query({ name: "refused", text: sql, values: [] })).rejects.toMatchObject({
      code: "0A000",
    });
    await client.query("BEGIN");
    await expect(client.query({ text: sql, values: [] })).rejects.toMatchObject({ code: "0A000" });
    await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "25P02" });
    await client.query("ROLLBACK");
    expect((await client.query("SELECT 2 AS two")).rows).toEqual([{ two: 2 }]);
  });

  test("but not the same words in a text", async () => {
    const text = "Today; COPY post FROM STDIN; LISTEN to me, set idle_session_timeout = 5";
    const { rows } = await admin.query(`SELECT '${text}' AS text -- ; LISTEN\n`);
    expect(rows).toEqual([{ text }]);
    await admin.query(
      "SET idle_in_transaction_session_timeout = 0; SET statement_timeout = '1s'; RESET statement_timeout",
    );
  });

  test("also as an option of the connection", async () => {
    const refused = place.client({ idle_in_transaction_session_timeout: 5 });
    await expect(refused).rejects.toMatchObject({ code: "0A000" });
    await expect(place.client({ options: "-c work_mem=abc" })).rejects.toMatchObject({ code: "22023" });
    await expect(place.client({ database: "other" })).rejects.toMatchObject({ code: "3D000" });
  });
});

test("a client that dies in a transaction leaves nothing of it", async () => {
  const client = await place.client();
  await client.query("BEGIN");
  await client.query("INSERT INTO entry VALUES ('abandoned', 0, 0)");
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  expect((await admin.query("SELECT * FROM entry WHERE id = 'abandoned'")).rows).toEqual([]);
});

test("a client silent in a transaction is ended when others wait too long", async () => {
  const client = await place.client();
  const ended = new Promise((resolve) => client.once("error", resolve));
  await client.query("BEGIN");
  await client.query("INSERT INTO entry VALUES ('silent', 0, 0)");
  const waiting = admin.query("SELECT * FROM entry WHERE id = 'silent'");
  expect(await ended).toMatchObject({ code: "25P03" });
  expect((await waiting).rows).toEqual([]);
});

test("parameters and results of five megabytes pass, also many at once", async () => {
  const text = "0123456789".repeat(500_000);
  for (const { rows } of await Promise.all(
    (await clients(3)).map((client) => client.query("SELECT $1::text || '.' AS text", [text])),
  ))
    expect(rows[0].text === `${text}.`).toBe(true);
});

const unnamed = (sql: string): Buffer => message("P", "", sql, Buffer.alloc(2));
const bindAndExecute = Buffer.concat([
  message("B", "", "", Buffer.alloc(6)),
  message("E", "", Buffer.alloc(4)),
]);

test.each([1, 3, 7, 10_000])("messages may arrive in pieces of %i bytes", async (size) => {
  const client = new RawClient(place.directory);
  const once = [unnamed("SELECT 40 + 2"), bindAndExecute, sync, query("SELECT 1; SELECT 2")];
  const bytes = Buffer.concat([RawClient.startup(), ...once, ...once]);
  for (let at = 0; at < bytes.length; at += size) {
    client.write(bytes.subarray(at, at + size));
    await sleep(0);
  }
  const answers = await client.ready(5);
  expect(answers.filter((each) => each.startsWith("D"))).toEqual([
    "D(42)",
    "D(1)",
    "D(2)",
    "D(42)",
    "D(1)",
    "D(2)",
  ]);
  client.socket.destroy();
});

test("an unnamed statement survives what other connections do in between", async () => {
  const client = new RawClient(place.directory).write(RawClient.startup());
  await client.ready();
  expect(await client.write(unnamed("SELECT 'mine'"), sync).ready()).toEqual(["1", "Z(I)"]);
  await admin.query("SELECT $1::text", ["other"]);
  expect(await client.write(bindAndExecute, sync).ready()).toEqual(["2", "D(mine)", "C", "Z(I)"]);
  await admin.query("SELECT 1");
  expect(await client.write(bindAndExecute, sync).ready()).toEqual(["2", "D(mine)", "C", "Z(I)"]);
  client.socket.destroy();
});

test("a sequence without its Sync keeps the session until the Sync", async () => {
  const client = new RawClient(place.directory).write(RawClient.startup());
  await client.ready();
  client.write(unnamed("INSERT INTO entry VALUES ('in sequence', 0, 0)"), bindAndExecute, message("H"));
  await sleep(50);
  let answered = false;
  const other = admin.query("SELECT n FROM entry WHERE id = 'in sequence'").finally(() => {
    answered = true;
  });
  await sleep(50);
  expect(answered).toBe(false);
  expect(await client.write(sync).ready()).toEqual(["1", "2", "C", "Z(I)"]);
  expect((await other).rows).toEqual([{ n: 0 }]);
  client.socket.destroy();
});

test("nonsense on the socket ends that connection only", async () => {
  const client = new RawClient(place.directory).write(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  await until(() => client.socket.destroyed);
  const second = new RawClient(place.directory).write(RawClient.startup(), message("?", "what"));
  await until(() => second.socket.destroyed);
  expect((await admin.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
});
