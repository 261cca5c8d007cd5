import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { Flashes } from "../../../../src/web/pages/flash.ts";
import { SignedCookie } from "../../../../src/web/signed-cookie.ts";
import { plainErrors } from "../../../support/http.ts";

const secret = "s".repeat(32);

/** Two of these are two processes. */
function app(settings: { secret: string; publicUrl?: string } = { secret }) {
  const app = express();
  const flashes = new Flashes(settings);
  app.use(flashes.handler);
  app.post("/", (req, res) => {
    flashes.write(res, String(req.query["message"] ?? "Account created"));
    res.redirect(303, "/");
  });
  app.get("/", (_req, res) => {
    res.json({ flash: res.locals["flash"] });
  });
  app.use(plainErrors);
  return app;
}

async function cookieOf(application: ReturnType<typeof app>, message = "Account created"): Promise<string> {
  const { headers } = await request(application).post("/").query({ message });
  return headers["set-cookie"]?.[0] ?? "";
}

const pair = (cookie: string) => cookie.split(";")[0] ?? "";

test("a message is shown on the next page, once", async () => {
  const agent = request.agent(app());
  await agent.post("/");
  expect((await agent.get("/")).body).toEqual({ flash: "Account created" });
  expect((await agent.get("/")).body).toEqual({});
});

test("the page that shows it is not cached, or the back button would show it again", async () => {
  const agent = request.agent(app());
  await agent.post("/");
  expect((await agent.get("/")).headers["cache-control"]).toBe("private, no-store");
  expect((await agent.get("/")).headers).not.toHaveProperty("cache-control");
});

test("another process shows it", async () => {
  const cookie = await cookieOf(app());
  expect((await request(app()).get("/").set("Cookie", pair(cookie))).body).toEqual({
    flash: "Account created",
  });
});

test("any text survives", async () => {
  const message = 'Ünïcödé; 😀 "quoted", a=b\r\nSet-Cookie: x=y';
  const cookie = await cookieOf(app(), message);
  expect((await request(app()).get("/").set("Cookie", pair(cookie))).body).toEqual({ flash: message });
});

test("other answers leave it for the next page", async () => {
  const cookie = pair(await cookieOf(app()));
  const feed = await request(app()).get("/").set("Cookie", cookie).accept("application/atom+xml");
  expect(feed.headers).not.toHaveProperty("set-cookie");
  expect((await request(app()).head("/").set("Cookie", cookie)).headers).not.toHaveProperty("set-cookie");
});

test("on https, the cookie is limited to this host and to https", async () => {
  const cookie = await cookieOf(app({ secret, publicUrl: "https://blog.example.com" }));
  expect(cookie).toMatch(/^__Host-flash=/);
  for (const attribute of ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=300"])
    expect(cookie).toContain(`; ${attribute}`);
  expect(cookie).not.toContain("Domain");
});

test("on http, it has a plain name, because a browser would drop the other name", async () => {
  const cookie = await cookieOf(app({ secret, publicUrl: "http://blog.local" }));
  expect(cookie).toMatch(/^flash=/);
  expect(cookie).not.toContain("Secure");
});

test("a message cannot be made without the secret", async () => {
  const forged = pair(await cookieOf(app({ secret: "x".repeat(32) }), "You won"));
  const response = await request(app()).get("/").set("Cookie", forged);
  expect(response.body).toEqual({});
  expect(response.headers["set-cookie"]?.[0]).toMatch(/^flash=;.*Expires=Thu, 01 Jan 1970/);
});

test("the value of one cookie is invalid for another", () => {
  const response = express.response;
  let written = "";
  const res = Object.assign(Object.create(response), {
    cookie: (_name: string, value: string) => {
      written = value;
    },
  });
  new SignedCookie("one", { secret }, 1).write(res, "text");
  const req = (name: string) => ({ headers: { cookie: `${name}=${written}` } }) as express.Request;
  expect(new SignedCookie("one", { secret }, 1).read(req("one"))).toBe("text");
  expect(new SignedCookie("two", { secret }, 1).read(req("two"))).toBeUndefined();
});

test("a changed, broken, huge or doubled cookie is ignored, and never an error", async () => {
  const good = pair(await cookieOf(app()));
  const cookies = [
    `${good}x`,
    good.replace("=", "=x"),
    good.replace(".", ""),
    "flash=",
    "flash",
    "flash==",
    "flash=.",
    "flash=%00%zz",
    "flash=\xff\xfe.\xff",
    `flash=${"a".repeat(4096)}`,
    `flash=${"a.".repeat(2000)}`,
    `${good}; ${good}`,
    `${good}; flash=other`,
    ";;;=;=;flash",
  ];
  for (const cookie of cookies) {
    const response = await request(app())
      .get("/")
      .set("Cookie", Buffer.from(cookie, "latin1").toString("latin1"));
    expect([response.status, response.body], cookie.slice(0, 60)).toEqual([200, {}]);
  }
});
