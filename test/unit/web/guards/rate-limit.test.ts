import express from "express";
import request from "supertest";
import { beforeEach, expect, test, vi } from "vitest";
import { RateLimits } from "../../../../src/database/rate-limits.ts";
import { formBody } from "../../../../src/web/forms/form-body.ts";
import {
  addressKey,
  isRefused,
  type Limit,
  type RateLimitStore,
  rateLimit,
} from "../../../../src/web/guards/rate-limit.ts";
import { plainErrors } from "../../../support/http.ts";
import { useShop } from "../../../support/shop.ts";

const on = useShop();
const signUps: Limit = {
  name: "sign-ups",
  most: 5,
  seconds: 60 * 60,
  counts: (req) => /^\/authors\/?$/.test(req.path),
  unless: isRefused,
};
const limits: readonly Limit[] = [{ name: "commands", most: 60, seconds: 60, counts: () => true }, signUps];
const secret = "s".repeat(32);

beforeEach(async () => {
  await on.database.write.raw("truncate web_schema.rate_limits");
});

/** Two of these are two processes with one database. */
function app({ trustProxy = 0, store = new RateLimits(on.database.write) }: Setup = {}) {
  const app = express();
  app.set("trust proxy", trustProxy);
  app.use(formBody(), rateLimit({ store, secret, limits }));
  app.post("/refused", (_req, res) => {
    res.status(422).send("not valid");
  });
  app.post("/authors", (req, res) => {
    res.status(req.body["name"] ? 303 : 422).send("");
  });
  app.use((_req: express.Request, res: express.Response) => {
    res.send("done");
  });
  app.use((error: unknown, req: express.Request, res: express.Response, next: express.NextFunction) => {
    res.set("X-Typed", req.body?.content ?? "");
    const { retryAfter } = error as { retryAfter?: number };
    if (retryAfter !== undefined) res.set("Retry-After", String(retryAfter));
    next(error);
  }, plainErrors);
  return app;
}

interface Setup {
  trustProxy?: number;
  store?: RateLimitStore;
}

async function sendMany(
  application: express.Express,
  times: number,
  path = "/",
  headers = {},
): Promise<number[]> {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const { status } = await request(application).post(path).type("form").set(headers).send({ name: "n" });
    statuses.push(status);
  }
  return statuses;
}

test("sixty commands a minute are allowed, and then there is 429 with the time to wait and the typed text", async () => {
  const one = app();
  expect(new Set(await sendMany(one, 60))).toEqual(new Set([200]));
  const refused = await request(one).post("/").type("form").send({ content: "long text" });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(60);
  expect(refused.headers["x-typed"]).toBe("long text");
  expect((await request(one).get("/")).status).toBe(200);
});

test("all processes count together", async () => {
  const [one, other] = [app(), app()];
  await sendMany(one, 40);
  expect((await sendMany(other, 21)).at(-1)).toBe(429);
  expect(await sendMany(one, 1)).toEqual([429]);
});

test("at once or one after the other", async () => {
  const one = app();
  const statuses = await Promise.all(Array.from({ length: 70 }, () => sendMany(one, 1)));
  expect(statuses.flat().filter((status) => status === 200)).toHaveLength(60);
});

test("after a minute, counting starts again", async () => {
  await sendMany(app(), 61);
  await on.database.write.raw("update web_schema.rate_limits set ends_at = now() - interval '1 second'");
  expect(await sendMany(app(), 1)).toEqual([200]);
});

test("a clock that was set back by a day locks nobody out for a day", async () => {
  await sendMany(app(), 61);
  await on.database.write.raw("update web_schema.rate_limits set ends_at = ends_at + interval '1 day'");
  expect(await sendMany(app(), 61)).toEqual([...Array(60).fill(200), 429]);
  const refused = await request(app()).post("/").type("form").send({ name: "n" });
  expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(60);
});

test("nor does the clock of a process that was set back", async () => {
  const one = app();
  await sendMany(one, 61);
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now - 86_400_000);
  const refused = await request(one).post("/").type("form").send({ name: "n" });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(60);
});

test("five authors an hour are allowed; invalid forms do not count", async () => {
  const one = app();
  for (let time = 0; time < 10; time += 1) {
    expect((await request(one).post("/authors").type("form").send({ name: "" })).status).toBe(422);
    await counted(0);
  }
  expect(await sendMany(one, 6, "/authors")).toEqual([303, 303, 303, 303, 303, 429]);
  expect(await sendMany(one, 1, "/authors/")).toEqual([429]);
  const again = await request(one).post("/authors").type("form").send({ name: "n" });
  expect(Number(again.headers["retry-after"])).toBeGreaterThan(3_500);
  expect(await sendMany(one, 1)).toEqual([200]);
});

test("invalid forms do not count even if many come at once", async () => {
  const one = app();
  const mistyped = () => request(one).post("/authors").type("form").send({ name: "" });
  await Promise.all(Array.from({ length: 10 }, mistyped));
  await counted(0);
  expect(await sendMany(one, 1, "/authors")).toEqual([303]);
});

/** Waits until this number of authors counts: a count may be undone after the answer. */
async function counted(authors: number): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await on.database.write.raw(
      "select count from web_schema.rate_limits where key like 'sign-ups:%'",
    );
    expect(rows).toEqual([{ count: authors }]);
  });
}

test("a forged X-Forwarded-For is no new address", async () => {
  const one = app();
  for (let time = 0; time < 60; time += 1)
    await sendMany(one, 1, "/", { "X-Forwarded-For": `198.51.100.${time}` });
  expect(await sendMany(one, 1, "/", { "X-Forwarded-For": "203.0.113.1" })).toEqual([429]);
});

test("behind a proxy, only the address that the proxy added counts", async () => {
  const one = app({ trustProxy: 1 });
  for (let time = 0; time < 60; time += 1) {
    await sendMany(one, 1, "/", { "X-Forwarded-For": `198.51.100.${time}, 203.0.113.1` });
  }
  expect(await sendMany(one, 1, "/", { "X-Forwarded-For": "198.51.100.99, 203.0.113.1" })).toEqual([429]);
  expect(await sendMany(one, 1, "/", { "X-Forwarded-For": "203.0.113.1, 203.0.113.2" })).toEqual([200]);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["1::", "1:0:0:0::/64"],
  ["", ""],
])("the address %s counts as %s", (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test("addresses are not stored", async () => {
  await sendMany(app(), 1);
  const { rows } = await on.database.write.raw("select key from web_schema.rate_limits");
  expect(rows).toEqual([{ key: expect.stringMatching(/^commands:[\w-]{22}$/) }]);
});

test("refused requests cost the database nothing more", async () => {
  let asked = 0;
  const store: RateLimitStore = {
    async count(keys) {
      asked += 1;
      return keys.map(() => ({ count: 61, secondsLeft: 30 }));
    },
    async uncount() {},
  };
  expect(await sendMany(app({ store }), 5)).toEqual([429, 429, 429, 429, 429]);
  expect(asked).toBe(1);
});

test("only old rows are cleaned away", async () => {
  await on.database.write.raw(
    "insert into web_schema.rate_limits values ('old', 1, now() - interval '1 s'), ('new', 1, now() + interval '1 h')",
  );
  await new RateLimits(on.database.write).clean();
  const { rows } = await on.database.write.raw("select key from web_schema.rate_limits");
  expect(rows).toEqual([{ key: "new" }]);
});

test("if the counts cannot be read, the error is passed on", async () => {
  const store: RateLimitStore = {
    count: () => Promise.reject(Object.assign(new Error("gone"), { status: 503 })),
    async uncount() {},
  };
  const answer = await request(app({ store })).post("/").type("form").send({ content: "long text" });
  expect([answer.status, answer.headers["x-typed"]]).toEqual([503, "long text"]);
});
