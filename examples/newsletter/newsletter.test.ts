import knex, { type Knex } from "knex";
import { pino } from "pino";
import request from "supertest";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { CloudEvent } from "#sequent/consumer";
import { settingsOfWorker } from "../../test/support/database.ts";
import { freePort } from "../../test/support/free-port.ts";
import { mailServer, scriptedServer } from "../../test/support/mail-server.ts";
import { until } from "../../test/support/until.ts";
import { openDatabase, secretOf } from "./database.ts";
import { smtpMailer } from "./mailer.ts";
import { createPages } from "./pages.ts";
import { handlers } from "./posts.ts";
import { Readers } from "./readers.ts";
import { Sender } from "./sender.ts";
import { readSettings, SettingsNotValid } from "./settings.ts";
import { Tokens } from "./tokens.ts";

const [publicUrl, blogUrl] = ["http://news.example.com", "http://blog.example.com"];

let database: Knex;
let tokens: Tokens;
let pages: ReturnType<typeof request>;
const log = pino({ level: "silent" });

beforeAll(async () => {
  const { databaseUrl } = await settingsOfWorker("newsletter");
  const old = knex({ client: "pg", connection: databaseUrl });
  await old.raw("drop schema public cascade; create schema public"); // an earlier run may have left other tables
  await old.destroy();
  database = await openDatabase(databaseUrl);
  tokens = new Tokens(await secretOf(database));
  pages = request(createPages({ readers: new Readers(database), tokens, blogUrl, log }));
});
beforeEach(async () => {
  for (const table of ["outbox", "readers", "posts"]) await database(table).delete();
});
afterAll(() => database.destroy());

/** Sends what is in the outbox to a mail server of the test, until the test has finished. */
async function sending(options: Parameters<typeof mailServer>[0] = {}) {
  const server = await mailServer(options);
  send(server.port);
  return server;
}

function send(port: number): Sender {
  const mailer = smtpMailer(`smtp://127.0.0.1:${port}`, "News <news@example.com>");
  const sender = new Sender({ database, mailer, log, tokens, publicUrl, blogUrl, pollMs: 10 });
  sender.start();
  onTestFinished(async () => {
    await sender.stop();
    mailer.close();
  });
  return sender;
}

const signUp = (email: string) => pages.post("/").type("form").send({ email });
const waiting = async () => Number((await database("outbox").count().first())?.["count"]);

let ids = 0;

/** A reader who has confirmed. Returns the id. */
async function reader(email = `reader${++ids}@example.com`, confirmedAt = new Date(0)): Promise<string> {
  const [row] = await database("readers")
    .insert({
      id: database.raw("gen_random_uuid()"),
      email,
      asked_at: new Date(0),
      confirmed_at: confirmedAt,
    })
    .returning("id");
  return row.id;
}

async function publish(
  id: string,
  data = { title: "Onions", content: "Slowly.\n\nMore." },
  time = new Date(),
) {
  const event = (number: number, type: string): CloudEvent => ({
    specversion: "1.0",
    id: `${id}:${number}`,
    source: "/test",
    type,
    subject: id,
    time: time.toISOString(),
    datacontenttype: "application/json",
    aggregatetype: "Post",
    aggregatesequence: number,
    eventversion: 0,
    commandid: "0198c2d4-0000-7000-8000-000000000000",
    data,
  });
  await database.transaction(async (trx) => {
    for (const [index, type] of ["PostTitleChanged", "PostContentChanged", "PostPublished"].entries())
      await handlers[type]?.(event(index + 1, type), trx);
  });
}

test("a visitor signs up, confirms by the link in the mail, and gets each new post", async () => {
  const { mails } = await sending();
  await signUp("ann@example.com").expect(303).expect("Location", "/look-in-your-mailbox");
  await until(() => mails.length === 1);
  const path = /http:\/\/news\.example\.com(\/confirm\/\S+)/.exec(mails[0]?.source ?? "")?.[1] ?? "";

  await pages.get(path).expect(200, /<button>Yes, write to me/);
  expect(await database("readers").whereNotNull("confirmed_at")).toEqual([]);
  await pages.post(path).expect(200, /You are a reader/);

  const content = `${"A long story. ".repeat(40)}\n\nIts second paragraph.`;
  await publish("post-1", { title: "Onions, slowly", content }, new Date(Date.now() + 1_000));
  await until(() => mails.length === 2);
  const [id] = await database("readers").pluck("id");
  const source = mails[1]?.source ?? "";
  expect(mails[1]?.to).toEqual(["ann@example.com"]);
  expect(source).toMatch(/^Subject: Onions, slowly\r$/m);
  expect(source).toMatch(new RegExp(`^Message-ID: <post-1\\.3\\.${id}@example\\.com>\r$`, "m"));
  expect(source).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
  expect(source).toContain("A long story.");
  expect(source).not.toContain("second paragraph");
  expect(source).toContain("Read on: http://blog.example.com/posts/post-1");
  expect(source).toContain(`No more mails: http://news.example.com/unsubscribe/${id}.`);
  await until(async () => (await waiting()) === 0);
});

test("the answer to a sign-up says nothing about the address, and each address gets at most one mail in an hour", async () => {
  const answers: object[] = [];
  await reader("reader@example.com");
  for (const email of ["new@example.com", "new@example.com", "NEW@Example.com", "reader@example.com"]) {
    const { status, headers, text } = await signUp(email);
    answers.push({ status, location: headers["location"], text });
  }
  expect(answers).toEqual(answers.map(() => answers[0]));
  expect(await waiting()).toBe(2);
  const { mails } = await sending();
  await until(() => mails.length === 2);
  const sourceFor = (email: string) => mails.find(({ to }) => to[0] === email)?.source;
  expect(sourceFor("new@example.com")).toContain("/confirm/");
  expect(sourceFor("reader@example.com")).toContain("There is nothing to do");

  await database("readers").update({ asked_at: new Date(Date.now() - 3_700_000) });
  await signUp("new@example.com");
  await until(() => mails.length === 3);
});

test.each([
  "",
  "ann",
  "ann@home",
  "ann@example.com, ben@example.com",
  "=?utf-8?q?ann?=@example.com",
  "<b>@example.com",
])("%j is no address: it is shown again with a message", async (email) => {
  const { text } = await signUp(email).expect(422);
  const shown = email.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  expect(text).toContain(`value="${shown}" aria-invalid="true"`);
  expect(await database("readers")).toEqual([]);
});

test("after 500 sign-ups in an hour, there is no mail for more, and what was typed stays", async () => {
  await database.raw(
    "insert into readers (id, email) select gen_random_uuid(), n || '@example.com' from generate_series(1, 500) n",
  );
  await signUp("ann@example.com").expect(429, /value="ann@example\.com"[\s\S]*/);
  expect(await waiting()).toBe(0);
});

test("whoever does not confirm within a week is forgotten", async () => {
  await signUp("ann@example.com");
  const [id] = await database("readers").pluck("id");
  await database("readers").update({ asked_at: new Date(Date.now() - 8 * 86_400_000) });
  await pages.post(`/confirm/${tokens.of(id, "confirm")}`).expect(404, /This link does not work/);
  expect(await database("readers")).toEqual([]);
  expect(await waiting()).toBe(0);
});

test("the link in each mail ends the mails by its button only, and deletes what we know", async () => {
  const path = `/unsubscribe/${tokens.of(await reader("ann@example.com"), "unsubscribe")}`;
  await publish("post-1");
  await pages.get(path).expect(200, /<button>Send no more mails/);
  expect(await waiting()).toBe(1);
  await pages
    .post(path)
    .type("form")
    .send("List-Unsubscribe=One-Click")
    .expect(200, /You get no more mails/);
  expect([await database("readers"), await waiting()]).toEqual([[], 0]);
  await pages.post(path).expect(200);
});

test("a link does only what it was made for", async () => {
  const id = await reader();
  const [confirm, unsubscribe] = [tokens.of(id, "confirm"), tokens.of(id, "unsubscribe")];
  const other = new Tokens("another secret").of(id, "unsubscribe");
  for (const token of [confirm, other, id, `${id}.`, unsubscribe.slice(0, -1), "%00"])
    await pages.post(`/unsubscribe/${token}`).expect(404);
  await pages.get(`/confirm/${unsubscribe}`).expect(404, /This link does not work/);
  expect(await database("readers")).toHaveLength(1);
});

test("a post goes to those who had confirmed when it was published, also if that is noticed later", async () => {
  const time = new Date("2026-11-29T09:00:00Z");
  const before = await reader("before@example.com", new Date("2026-11-29T08:59:59Z"));
  await reader("after@example.com", new Date("2026-11-29T09:00:01Z"));
  await signUp("asked@example.com");
  await database("outbox").delete();
  await publish("post-1", undefined, time);
  expect(await database("outbox").pluck("reader_id")).toEqual([before]);
});

test("while the mail server is away, mails wait", async () => {
  await reader("ann@example.com");
  await reader("ben@example.com");
  await publish("post-1");
  const away = send(await freePort());
  await until(
    async () => (await database("outbox").whereRaw("due_at > (select min(due_at) from outbox)")).length > 0,
  );
  await away.stop();
  expect(await waiting()).toBe(2);
  const { mails } = await sending();
  await until(() => mails.length === 2);
});

test("if nobody knows whether a mail was taken, it comes again, with the same Message-ID", async () => {
  const id = await reader();
  await publish("post-1");
  let taken = 0;
  const { lines, port } = await scriptedServer((line, socket) => {
    if (line === "connected") return "220 hello";
    if (line === "DATA") return "354 go on";
    if (/^(EHLO|MAIL|RCPT) /.test(line)) return "250 yes";
    if (line !== ".") return undefined;
    taken += 1;
    if (taken > 1) return "250 taken";
    socket.destroy();
    return undefined;
  });
  send(port);
  await until(async () => (await waiting()) === 0);
  expect(lines.filter((line) => line.includes(`<post-1.3.${id}@example.com>`))).toHaveLength(2);
});

describe("a mail that the server does not take holds up no other", () => {
  const refusing = (code: number) =>
    sending({
      onRcptTo({ address }, _session, done) {
        done(address.startsWith("ann") ? Object.assign(new Error("no"), { responseCode: code }) : null);
      },
    });

  test("if it takes it never, the mail is given up", async () => {
    await reader("ann@example.com");
    await reader("ben@example.com");
    await publish("post-1");
    const { mails } = await refusing(550);
    await until(async () => (await waiting()) === 0);
    expect(mails.map(({ to }) => to[0])).toEqual(["ben@example.com"]);
  });

  test("if it does not take it now, the mail is tried again later, for days", async () => {
    await reader("ann@example.com");
    await reader("ben@example.com");
    await publish("post-1");
    const { mails } = await refusing(450);
    await until(() => mails.length === 1);
    await until(async () => (await database("outbox").where({ attempts: 1 })).length === 1);
    await database("outbox").update({ due_at: database.fn.now(), attempts: 12 });
    await until(async () => (await waiting()) === 0); // the last try
    expect(mails.map(({ to }) => to[0])).toEqual(["ben@example.com"]);
  });
});

test("of several processes, each mail is sent by one", async () => {
  for (let count = 0; count < 20; count += 1) await reader();
  const { mails, port } = await sending();
  for (let count = 0; count < 3; count += 1) send(port);
  await publish("post-1");
  await until(async () => (await waiting()) === 0);
  expect(mails).toHaveLength(20);
  expect(new Set(mails.map(({ to }) => to[0])).size).toBe(20);
});

test("an event that was too large for the broker comes without its text, and the post is still mailed", async () => {
  await reader();
  await publish("post-1", {} as { title: string; content: string });
  const { mails } = await sending();
  await until(() => mails.length === 1);
  expect(mails[0]?.source).toMatch(/^Subject: A new post\r$/m);
});

test.each([
  ["/nothing", 404, /There is no such page/],
  ["/confirm/%", 400, /This was not understood/],
])("%s is answered with %i", async (path, status, text) => {
  await pages.get(path).expect(status, text);
});

test("a form that is too large is refused", async () => {
  await signUp(`${"a".repeat(20_000)}@example.com`).expect(413);
});

test("all settings that cannot be used are named at once, and none is repeated that may hold a password", () => {
  const wrong = { PORT: "x", SMTP_URL: "smtp://u:secret@mail", NEWSLETTER_DATABASE_URL: "secret" };
  const message = (() => {
    try {
      readSettings(wrong);
    } catch (error) {
      if (error instanceof SettingsNotValid) return error.message;
    }
    return "";
  })();
  expect(message.split("\n")).toEqual([
    expect.stringContaining("BROKER_URL is not set"),
    expect.stringContaining("PORT is"),
    expect.stringContaining("MAIL_FROM is needed"),
    expect.stringContaining("NEWSLETTER_DATABASE_URL is not an address"),
  ]);
  expect(message).not.toContain("secret");
});
