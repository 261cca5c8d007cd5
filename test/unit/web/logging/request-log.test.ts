import express from "express";
import request from "supertest";
import { expect, test, vi } from "vitest";
import { AggregateKeyNotUnique, CommandNotValid } from "#sequent";
import { createLog } from "../../../../src/web/logging/log.ts";
import { prettyLine } from "../../../../src/web/logging/pretty-line.ts";
import { type Commands, RequestLog, requestIdOf } from "../../../../src/web/logging/request-log.ts";
import { AddCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { exchange, listening, loggedErrors } from "../../../support/http.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function setup({
  trustProxy = 0,
  pretty = false,
  fail,
}: {
  trustProxy?: number;
  pretty?: boolean;
  fail?: unknown;
} = {}) {
  const written: string[] = [];
  const log = createLog({ level: "info", pretty, write: (text) => written.push(text) });
  const service: Commands = {
    async executeCommands(...all) {
      await new Promise((resolve) => setImmediate(resolve));
      if (fail) throw fail;
      return all.map(({ commandId, aggregateId }) => ({ commandId, aggregateId, eventCount: 3, version: 3 }));
    },
  };
  const app = express();
  const requestLog = new RequestLog(log);
  const commandService = requestLog.watched(service);
  app.use(requestLog.handler({ trustProxy }), express.urlencoded());
  app.post("/authors", async (req, res) => {
    const command = await AddCustomer.fromParams(req.body, { metadata: { requestId: requestIdOf(res) } });
    await commandService.executeCommands(command);
    res.redirect(303, "/");
  });
  app.get("/broken", () => {
    throw new Error("broken \u001b[31m\r\n\u2028 \u009b31m here", { cause: new Error("the cause") });
  });
  app.get(/.*/, (_req, res) => {
    res.send(requestIdOf(res));
  });
  app.use((error: unknown, _req: express.Request, _res: express.Response, next: express.NextFunction) => {
    next(error instanceof CommandNotValid ? Object.assign(error, { status: 422 }) : error);
  });
  app.use(loggedErrors(requestLog));
  const lines = async (count: number) => {
    await vi.waitFor(() => expect(written).toHaveLength(count));
    return written.map((line) => JSON.parse(line));
  };
  return { app, lines, written };
}

const author = { name: "Ada Lovelace", email: "ada@example.com" };

test("each request has an id, in the answer, for the page and in its line", async () => {
  const { app, lines } = setup();
  const { headers, text } = await request(app).get("/");
  expect(headers["x-request-id"]).toMatch(uuid);
  expect(text).toBe(headers["x-request-id"]);
  const [line] = await lines(1);
  expect(line).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    requestId: text,
    method: "GET",
    path: "/",
    status: 200,
    ms: expect.any(Number),
    msg: "request",
  });
});

test("the id of a request may only come from a trusted proxy", async () => {
  const id = "0198c0de-0000-7000-8000-000000000001";
  expect((await request(setup().app).get("/").set("X-Request-Id", id)).text).toMatch(uuid);
  expect((await request(setup().app).get("/").set("X-Request-Id", id)).text).not.toBe(id);
  expect(
    (
      await request(setup({ trustProxy: 1 }).app)
        .get("/")
        .set("X-Request-Id", id)
    ).text,
  ).toBe(id);
  const forged = await request(setup({ trustProxy: 1 }).app)
    .get("/")
    .set("X-Request-Id", `${id}" evil`);
  expect(forged.text).toMatch(uuid);
});

test("a command has a line with the id of its request", async () => {
  const { app, lines } = setup();
  const { headers } = await request(app).post("/authors").type("form").send(author);
  const [command, answer] = await lines(2);
  expect(command).toMatchObject({
    msg: "command",
    command: "AddCustomer",
    eventCount: 3,
    requestId: headers["x-request-id"],
  });
  expect(command.commandId).toMatch(uuid);
  expect(answer).toMatchObject({
    msg: "request",
    method: "POST",
    status: 303,
    requestId: headers["x-request-id"],
  });
});

test("an invalid form has a line with the names of its fields", async () => {
  const { app, lines } = setup();
  await request(app).post("/authors").type("form").send({ name: "", email: "ada@" });
  const [rejection] = await lines(2);
  expect(rejection).toMatchObject({
    msg: "rejected",
    rejection: "CommandNotValid",
    fields: ["name", "email"],
  });
});

test("a refused command has one line, not one of each part that could write it", async () => {
  const { app, lines } = setup({
    fail: Object.assign(new AggregateKeyNotUnique("author_email", "ada@example.com"), { status: 422 }),
  });
  await request(app).post("/authors").type("form").send(author);
  const [rejection] = await lines(2);
  expect(rejection).toMatchObject({
    command: "AddCustomer",
    rejection: "AggregateKeyNotUnique",
    scope: "author_email",
  });
});

test("no line has typed values or addresses", async () => {
  const { app, lines, written } = setup({
    fail: new AggregateKeyNotUnique("author_email", "ada@example.com"),
  });
  await request(app).post("/authors?token=secret").set("Cookie", "session=secret").type("form").send(author);
  await lines(2);
  const all = written.join("");
  for (const private_ of ["Lovelace", "secret", "127.0.0.1"]) expect(all).not.toContain(private_);
});

test("an internal error has a line with the stack and its causes", async () => {
  const { app, lines } = setup();
  await request(app).get("/broken");
  const [line] = await lines(1);
  expect(line).toMatchObject({
    level: "error",
    status: 500,
    err: { type: "Error", cause: { message: "the cause" } },
  });
  expect(line.err.stack).toContain("request-log.test.ts");
});

test("a line is one line, and cannot control a terminal", async () => {
  const { app, lines, written } = setup();
  const { port } = await listening(app);
  await exchange(port, Buffer.from("GET /a%0d%0ab\u00c2\u009b31m HTTP/1.1\r\nHost: x\r\n\r\n", "latin1"));
  await request(app).get("/a%0d%0ab%1b[31m%E2%80%A8");
  await request(app).get("/broken");
  await lines(2);
  for (const line of written) expect(line).toMatch(/^\{[^\p{C}\u2028\u2029]*\}\n$/u);
});

test("nor can a line in the form for people", async () => {
  const { app, written } = setup({ pretty: true });
  await request(app).get("/broken");
  await vi.waitFor(() => expect(written).toHaveLength(1));
  const text = written.join("");
  expect(text).toContain("ERROR");
  expect(text).toContain("broken");
  expect(withoutColours(text).replaceAll("\n", "")).toMatch(/^\P{C}*$/u);
  expect(text).not.toContain("\u009b");
  expect(text).not.toContain("\r");
});

test("health checks do not fill the log", async () => {
  const { app, lines } = setup();
  await request(app).get("/healthz");
  await request(app).get("/");
  expect(await lines(1)).toMatchObject([{ path: "/" }]);
});

test("a person reads the time, what happened, and the details", () => {
  const line = prettyLine(
    JSON.stringify({
      level: "info",
      time: "2026-11-20T12:34:56.789Z",
      requestId: "id",
      method: "GET",
      status: 200,
      msg: "request",
    }),
  );
  expect(withoutColours(line)).toBe('12:34:56.789 request method="GET" status=200 id\n');
});

test("a request that is cut off is reported as such", async () => {
  const { app, lines } = setup();
  app.use((_req: express.Request) => {});
  const { port } = await listening(app);
  await exchange(port, "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 50);
  expect((await lines(1))[0]).toMatchObject({ path: "/slow" });
});

/** Only the sequences that the log itself uses. */
function withoutColours(text: string): string {
  for (const code of [31, 33, 39, 90]) text = text.replaceAll(`\u001b[${code}m`, "");
  return text;
}
