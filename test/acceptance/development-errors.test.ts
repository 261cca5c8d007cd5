import type { Request } from "express";
import request from "supertest";
import { describe, expect, onTestFinished, test } from "vitest";
import { CreationCommand, secret, string } from "#sequent";
import { newId, StoreUnavailable } from "#sequent/operations";
import { createWeb } from "../../src/server/serve.ts";
import { readSettings } from "../../src/settings.ts";
import { reportOf } from "../../src/web/errors/error-report.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { author } from "../support/people.ts";
import { beginSession } from "../support/sessions.ts";
import { body, textOf, useWeb } from "../support/web.ts";

const { given, client, context } = useWeb();
const json = "application/problem+json";

/** The whole blog, as it starts with this in its environment. */
async function blogWith(env: Record<string, string>) {
  const settings = readSettings({ RATE_LIMIT: "off", SESSION_SECRET: "s".repeat(32), ...env });
  const app = await createWeb(settings, context.database, createLog({ level: "silent" }));
  return request.agent(app).set("Host", "localhost");
}

const development = () => blogWith({ NODE_ENV: "development" });
const production = () =>
  blogWith({
    NODE_ENV: "production",
    DATABASE_URL: "postgres://localhost/blog",
    SMTP_URL: "smtp://localhost",
    MAIL_FROM: "blog@example.com",
  });

async function withoutColumn(): Promise<void> {
  const { write } = context.database;
  await write.raw("alter table view_schema.author_records rename column email to mail");
  onTestFinished(async () => {
    await write.raw("alter table view_schema.author_records rename column mail to email");
  });
}

describe("while developing, the page of a 500", () => {
  test("says what the error is, where it came from, what caused it, and what to do", async () => {
    await withoutColumn();
    const { text } = await (await development())
      .get("/authors?after=x")
      .set("Accept", "text/html")
      .expect(500);
    const page = textOf(text);
    expect(page).toMatch(/QueryFailed \(42703\): Postgres refused the SQL of the query \w+: column .*email/);
    expect(page).toMatch(/Where src\/projections\/\S+\.ts:\d+:\d+/);
    expect(page).toContain("A column is missing. Correct its name in the query.");
    expect(page).toContain("Request GET /authors?after=x");
    expect(page).toMatch(/Stack QueryFailed: .* at .*src\/projections\/query-service\.ts/);
    expect(page).toMatch(/Because of DatabaseError: .* at PostgresConnections\.all/);
    expect(page).toContain("mention this reference");
  });

  test("shows the commands that were asked for", async () => {
    const ben = author({ aggregateId: newId() });
    await given(ben);
    const session = await beginSession(context.database, ben.aggregateId);
    const { write } = context.database;
    await write.raw("alter table view_schema.post_records rename column title to heading");
    onTestFinished(async () => {
      await write.raw("alter table view_schema.post_records rename column heading to title");
    });
    const { text } = await (await development())
      .post(`/authors/${ben.aggregateId}/posts`)
      .set("Cookie", `session=${await beginSession(context.database, ben.aggregateId)}`)
      .type("form")
      .set("Accept", "text/html")
      .set("Cookie", `session=${session}`)
      .send(body({ title: "On moss", content: "It is <green>." }))
      .expect(500);
    const page = textOf(text);
    expect(page).toMatch(/ProjectorFailed: PostProjector failed on PostAdded .* column .title./);
    expect(page).toMatch(/Where src\/web\/pages\/post-forms\.ts/);
    expect(page).toMatch(/Command AddPost \{ .*title: 'On moss', content: 'It is <green>\.'/);
    expect(page).toMatch(/aggregateId: '[\da-f-]{36}'/);
  });

  test("shows no secret of a command", async () => {
    class Join extends CreationCommand("Join", { name: string(), password: secret() }) {}
    const values = { name: "Ben", password: "correct horse" };
    for (const join of [new Join(values), await Join.fromParams(values)]) {
      const req = { method: "POST", originalUrl: "/members" } as Request;
      const report = JSON.stringify(reportOf(new Error("x"), req, [join]));
      expect(report).toMatch(/Join \{.*name: 'Ben',.*password: '\[secret\]'/);
      expect(report).not.toMatch(/correct horse|scrypt/);
    }
  });

  test("has an end where an error is its own cause", () => {
    const error = new Error("x");
    error.cause = error;
    expect(reportOf(error, { method: "GET", originalUrl: "/" } as Request, []).fix).toBeUndefined();
  });

  test("names the template and its line", async () => {
    const answer = await client({ showErrors: true, queries: { ask: async () => ({ rows: [{}] }) } as never })
      .get("/authors")
      .set("Accept", "text/html")
      .expect(500);
    expect(textOf(answer.text)).toMatch(/Where views\/authors\/index\.ejs:\d+/);
  });

  test("is the page of a 503, too, but not of a 404", async () => {
    const web = client({
      showErrors: true,
      queries: { ask: () => Promise.reject(new StoreUnavailable(false)) },
    });
    const { text } = await web.get("/authors").set("Accept", "text/html").expect(503);
    expect(textOf(text)).toContain("Is Postgres running at the address of DATABASE_URL?");
    expect((await web.get("/nothing").set("Accept", "text/html").expect(404)).text).not.toContain("Stack");
  });

  test("is a problem with the error and its place for a program", async () => {
    await withoutColumn();
    const { text } = await (await development()).get("/authors").set("Accept", json).expect(500);
    expect(JSON.parse(text)).toMatchObject({
      error: expect.stringMatching(/^QueryFailed \(42703\): /),
      where: expect.stringMatching(/^src\/projections\//),
    });
  });
});

test("in production no page says any of that", async () => {
  await withoutColumn();
  const web = await production();
  for (const accept of ["text/html", json]) {
    const { text } = await web.get("/authors").set("Accept", accept).expect(500);
    expect(text).not.toMatch(/QueryFailed|42703|email|src\/|"error"|"where"/);
  }
});
