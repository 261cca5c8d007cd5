import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { StoreUnavailable } from "#sequent/operations";
import type { Query, Questions } from "../../../src/projections/queries.ts";
import { Forms, redirect } from "../../../src/web/forms/forms.ts";
import { createLog } from "../../../src/web/logging/log.ts";
import { RequestLog } from "../../../src/web/logging/request-log.ts";
import { OwnWrites, type Primary } from "../../../src/web/own-writes.ts";
import { Flashes } from "../../../src/web/pages/flash.ts";
import { resources } from "../../../src/web/pages/resources.ts";
import { plainErrors } from "../../support/http.ts";

const named = (server: string) => ({ ask: async () => server }) as unknown as Questions;
const question = { type: "Any" } as unknown as Query;

/** A primary at "0/3", and its replica at "0/2". */
const primary: Primary = {
  queries: named("primary"),
  position: async () => "0/3",
  isReplayed: async (position) => position <= "0/2",
};

/** A form and a page that name the server that answered. */
function app(options: Partial<Primary> = {}, take = async () => {}, publicUrl?: string) {
  const settings = { secret: "s".repeat(32), publicUrl };
  const ownWrites = new OwnWrites({ ...primary, ...options }, settings);
  const log = new RequestLog(createLog({ level: "silent" }));
  const forms = new Forms({ log, flashes: new Flashes(settings), ownWrites });
  const routesOn = (queries: Questions) =>
    resources(forms, {
      "/": {
        async GET(_req, res) {
          res.send(await queries.ask(question));
        },
        POST: {
          async take() {
            await take();
            return redirect(String(await queries.ask(question)), "Done");
          },
        },
      },
    });
  const app = express();
  app.use(ownWrites.choose(routesOn(named("replica")), routesOn(named("primary"))));
  app.use(plainErrors);
  return app;
}

/** Which server answers the page after the form of a browser. */
async function answerAfterForm(application: ReturnType<typeof app>): Promise<string> {
  const agent = request.agent(application);
  await agent.post("/");
  return (await agent.get("/")).text;
}

async function cookieOf(application: ReturnType<typeof app>): Promise<string | undefined> {
  return (await request(application).post("/")).headers["set-cookie"]?.[0];
}

test("everybody reads from the replica, and a form from the primary", async () => {
  expect((await request(app()).get("/")).text).toBe("replica");
  expect((await request(app()).post("/")).headers["location"]).toBe("primary");
});

test("a sender of a form reads from the primary until the replica has caught up", async () => {
  expect(await answerAfterForm(app())).toBe("primary");
  expect(await answerAfterForm(app({ position: async () => "0/2" }))).toBe("replica");
});

test("so does a sender who was refused, to see the reason", async () => {
  const refuse = () => Promise.reject(new Error("refused"));
  expect(await answerAfterForm(app({}, refuse))).toBe("primary");
});

test("another process knows the position", async () => {
  const [pair = ""] = (await cookieOf(app()))?.split(";") ?? [];
  expect((await request(app()).get("/").set("Cookie", pair)).text).toBe("primary");
});

test("a browser forgets the position after five minutes, even if it is never reached", async () => {
  const cookie = (await cookieOf(app())) ?? "";
  expect(cookie).toMatch(/^position=[\w-]+\.[\w-]+; Max-Age=300; Path=\/; .*HttpOnly; SameSite=Lax$/);
  const atHttps = await cookieOf(app({}, undefined, "https://blog.example.com"));
  expect(atHttps).toMatch(/^__Host-position=.*; Secure/);
});

test("a position cannot be forged", async () => {
  const forged = `position=${Buffer.from("0/3").toString("base64url")}.${"x".repeat(43)}`;
  expect((await request(app()).get("/").set("Cookie", forged)).text).toBe("replica");
});

test("an unreachable replica counts as having replayed nothing", async () => {
  const isReplayed = () => Promise.reject(new Error("cut off"));
  expect(await answerAfterForm(app({ isReplayed }))).toBe("primary");
});

test("if the primary does not tell its position, the sender stays there and the form is answered", async () => {
  const position = () => Promise.reject(new Error("cut off"));
  expect(await answerAfterForm(app({ position }))).toBe("primary");
});

test("an unreachable store is not asked for its position, and may have stored the form", async () => {
  const position = () => new Promise<string>(() => {});
  const away = () => Promise.reject(new StoreUnavailable(true));
  expect(await answerAfterForm(app({ position }, away))).toBe("primary");
});
