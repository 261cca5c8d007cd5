import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { StoreUnavailable } from "#sequent/operations";
import type { Query } from "../../../src/projections/queries.ts";
import { commandLog, commandsOf } from "../../../src/web/logging/command-log.ts";
import { createLog } from "../../../src/web/logging/log.ts";
import { type OwnWritesOptions, ownWrites, type Primary } from "../../../src/web/own-writes.ts";
import { type Questions, queriesOf } from "../../../src/web/pages/questions.ts";
import { plainErrors } from "../../support/http.ts";

const named = (server: string) => ({ ask: async () => server }) as unknown as Questions;
const question = { type: "Any" } as unknown as Query;

/** A primary that is at "0/3", and its replica at "0/2". */
const primary: Primary = {
  queries: named("primary"),
  position: async () => "0/3",
  isReplayed: async (position) => position <= "0/2",
};

/** A form and a page that say who answered them. */
function app(options: Partial<OwnWritesOptions> = {}, executeCommands = async () => []) {
  const app = express();
  app.use(commandLog({ executeCommands }, createLog({ level: "silent" })));
  app.use(ownWrites({ queries: named("replica"), primary, secret: "s".repeat(32), ...options }));
  app.post("/", async (_req, res) => {
    await commandsOf(res)
      .executeCommands()
      .catch(() => {});
    res.send(await queriesOf(res).ask(question));
  });
  app.get("/", async (_req, res) => res.send(await queriesOf(res).ask(question)));
  app.use(plainErrors);
  return app;
}

/** Who answers the form of a browser, and then its page. */
async function answersOf(application: ReturnType<typeof app>): Promise<string[]> {
  const agent = request.agent(application);
  return [(await agent.post("/")).text, (await agent.get("/")).text];
}

async function cookieOf(application: ReturnType<typeof app>): Promise<string | undefined> {
  return (await request(application).post("/")).headers["set-cookie"]?.[0];
}

test("everybody reads from the replica, and a form from the primary", async () => {
  expect((await request(app()).get("/")).text).toBe("replica");
  expect((await request(app()).post("/")).text).toBe("primary");
});

test("whoever sent a form reads from the primary until the replica is as far", async () => {
  expect(await answersOf(app())).toEqual(["primary", "primary"]);
  const behind = { ...primary, position: async () => "0/2" };
  expect(await answersOf(app({ primary: behind }))).toEqual(["primary", "replica"]);
});

test("so does whoever was refused, to see what it was for", async () => {
  const refuse = () => Promise.reject(new Error("refused"));
  expect(await answersOf(app({}, refuse))).toEqual(["primary", "primary"]);
});

test("another process knows the position", async () => {
  const [pair = ""] = (await cookieOf(app()))?.split(";") ?? [];
  expect((await request(app()).get("/").set("Cookie", pair)).text).toBe("primary");
});

test("a browser forgets the position after five minutes, so one that is never reached ends too", async () => {
  expect(await cookieOf(app())).toMatch(
    /^position=[\w-]+\.[\w-]+; Max-Age=300; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  expect(await cookieOf(app({ publicUrl: "https://blog.example.com" }))).toMatch(
    /^__Host-position=.*; Secure$/,
  );
});

test("nobody can make up a position", async () => {
  const forged = `position=${Buffer.from("0/3").toString("base64url")}.${"x".repeat(43)}`;
  expect((await request(app()).get("/").set("Cookie", forged)).text).toBe("replica");
});

test("a replica that cannot be asked has replayed nothing", async () => {
  const isReplayed = () => Promise.reject(new Error("cut off"));
  expect(await answersOf(app({ primary: { ...primary, isReplayed } }))).toEqual(["primary", "primary"]);
});

test("a primary that does not say where it is keeps who wrote, and the form is answered", async () => {
  const position = () => Promise.reject(new Error("cut off"));
  expect(await answersOf(app({ primary: { ...primary, position } }))).toEqual(["primary", "primary"]);
});

test("a store that is away is not asked for its position, and may have stored what was sent", async () => {
  const position = () => new Promise<string>(() => {});
  const away = () => Promise.reject(new StoreUnavailable(true));
  expect(await answersOf(app({ primary: { ...primary, position } }, away))).toEqual(["primary", "primary"]);
});

test("without a replica nobody gets a cookie", async () => {
  const alone = app({ queries: named("everybody's"), primary: undefined });
  expect(await answersOf(alone)).toEqual(["everybody's", "everybody's"]);
  expect(await cookieOf(alone)).toBeUndefined();
});
