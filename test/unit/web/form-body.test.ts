import { once } from "node:events";
import { connect } from "node:net";
import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { Command, CommandNotValid, maxBytes, maxLength, notBlank, string, text, uuid } from "#sequent";
import { newId } from "#sequent/operations";
import { type Form, formBody, mostBytes } from "../../../src/web/form-body.ts";
import { exchange, listening, plainErrors, statusOf } from "../../support/http.ts";

class AddPost extends Command("AddPost", {
  authorAggregateId: uuid(),
  title: string(notBlank, maxLength(120)),
  content: text(notBlank, maxBytes(64 * 1024)),
}) {}

const type = "application/x-www-form-urlencoded";

function app(see: (body: Form) => unknown = () => {}) {
  const app = express();
  app.use(formBody);
  app.all("/", async (req, res) => {
    await see(req.body);
    res.json(req.body ?? "nothing");
  });
  app.use(plainErrors);
  return app;
}

/** What arrives of a form. */
async function parsed(body: string | Buffer, contentType = type): Promise<Form> {
  let seen: Form | undefined;
  const answer = await request(
    app((form) => {
      seen = form;
    }),
  )
    .post("/")
    .type(contentType)
    .serialize((bytes) => bytes)
    .send(body);
  if (!seen) throw new Error(`${answer.status} ${answer.text}`);
  return seen;
}

async function statusFor(body: string | Buffer, headers: Record<string, string> = { "Content-Type": type }) {
  const { port } = await listening(app());
  const lines = Object.entries({ Host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}`);
  const head = `POST / HTTP/1.1\r\n${lines.join("\r\n")}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return exchange(port, Buffer.concat([Buffer.from(head), Buffer.from(body)]));
}

test("fields arrive as they were typed", async () => {
  const form = { title: "Fish & chips + tea", content: "a\r\nb=c&d\tü 😀", empty: "" };
  expect({ ...(await parsed(new URLSearchParams(form).toString())) }).toEqual(form);
});

test("a form without fields, and a request without a form, are empty", async () => {
  expect(Object.keys(await parsed(""))).toEqual([]);
  expect((await request(app()).post("/")).body).toEqual({});
  expect((await request(app()).get("/")).body).toBe("nothing");
});

test("a question mark at the beginning belongs to the name", async () => {
  expect(Object.keys(await parsed("?a=1"))).toEqual(["?a"]);
});

test("a field that is sent twice arrives as a list, which no command takes", async () => {
  const form = await parsed("title=one&title=two&title=three&content=c");
  expect(form["title"]).toEqual(["one", "two", "three"]);
  const known = { aggregateId: newId(), authorAggregateId: newId() };
  await expect(AddPost.fromParams(form, known)).rejects.toThrow(CommandNotValid);
});

test("brackets nest nothing", async () => {
  expect({ ...(await parsed("title[a]=1&title[b][c]=2&x[]=3")) }).toEqual({
    "title[a]": "1",
    "title[b][c]": "2",
    "x[]": "3",
  });
});

test("a command takes the declared fields and no others", async () => {
  const aggregateId = newId();
  const form = await parsed(
    `title=t&content=c&aggregateId=${newId()}&published=1&sequence_number=9&userId=root`,
  );
  const command = await AddPost.fromParams(form, { aggregateId, authorAggregateId: newId() });
  expect(command.aggregateId).toBe(aggregateId);
  expect(command.userId).toBeUndefined();
  expect(command).not.toHaveProperty("published");
});

test("names of object properties are names like others", async () => {
  const form = await parsed("__proto__=1&constructor=2&hasOwnProperty=3&__proto__[polluted]=4&toString=5");
  expect(Object.getPrototypeOf(form)).toBeNull();
  expect(Object.keys(form).sort()).toEqual(
    ["__proto__", "__proto__[polluted]", "constructor", "hasOwnProperty", "toString"].sort(),
  );
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test.each([
  ["bytes that are not UTF-8", Buffer.from("title=\xff&content=c", "latin1")],
  ["a lone surrogate", "title=%ED%A0%BD&content=c"],
  ["an overlong slash", "title=%C0%AF&content=c"],
  ["half a character", "title=%F0%9F%98&content=c"],
  ["NUL", "title=a%00b&content=c"],
  ["a control character", "title=a%1Bb&content=c"],
])("%s is refused by the command, not changed in silence", async (_case, body) => {
  const known = { aggregateId: newId(), authorAggregateId: newId() };
  await expect(AddPost.fromParams(await parsed(body), known)).rejects.toMatchObject({
    errors: { title: [expect.stringContaining("cannot be stored")] },
  });
});

test("a percent sign of its own stays what it is", async () => {
  expect({ ...(await parsed("a=100%&b=%zz&c=%u0041")) }).toEqual({ a: "100%", b: "%zz", c: "%u0041" });
});

test.each([
  ["JSON", { "Content-Type": "application/json" }],
  ["plain text", { "Content-Type": "text/plain" }],
  ["multipart", { "Content-Type": "multipart/form-data; boundary=x" }],
  ["an unnamed type", {}],
  ["a type that only begins like a form", { "Content-Type": `${type}-x` }],
])("%s is no form", async (_case, headers) => {
  expect(statusOf(await statusFor("title=t", headers as Record<string, string>))).toBe(415);
});

test.each([
  ["gzip", { "Content-Type": type, "Content-Encoding": "gzip" }],
  ["another character set", { "Content-Type": `${type}; charset=iso-8859-1` }],
  ["an unknown parameter", { "Content-Type": `${type}; boundary=x` }],
])("%s is not read", async (_case, headers) => {
  expect(statusOf(await statusFor("title=t", headers as Record<string, string>))).toBe(415);
});

test.each(["", "; charset=utf-8", ";charset=UTF-8", '; charset="utf-8"'])(
  "a form%s is",
  async (parameter) => {
    expect({ ...(await parsed("a=%C3%BC", type + parameter)) }).toEqual({ a: "ü" });
  },
);

test("what is larger than any form gets 413, and the connection is closed", async () => {
  const answer = await statusFor(`content=${"a".repeat(mostBytes)}`);
  expect(statusOf(answer)).toBe(413);
  expect(answer).toMatch(/^Connection: close$/im);
});

test("what is far larger is not even read", async () => {
  const { port } = await listening(app());
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 99999999999\r\n\r\na=1`;
  const answer = await exchange(port, head);
  expect(statusOf(answer)).toBe(413);
  expect(answer).toMatch(/^Connection: close$/im);
});

test("chunks are counted too", async () => {
  const { port } = await listening(app());
  const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`;
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  expect(statusOf(await exchange(port, `${head}${chunk.repeat(9)}0\r\n\r\n`))).toBe(413);
  expect(statusOf(await exchange(port, head + chunk.repeat(40)))).toBe(413);
});

test("twenty fields are taken, more are not", async () => {
  const fields = (count: number) => Array.from({ length: count }, (_, index) => `f${index}=1`).join("&");
  expect(Object.keys(await parsed(fields(20)))).toHaveLength(20);
  expect(statusOf(await statusFor(fields(21)))).toBe(413);
});

test.each([
  ["letters", "a", 64 * 1024],
  ["characters of four bytes", "😀", 16 * 1024],
  ["line breaks, the dearest to send", "\r\n", 64 * 1024],
])("a post as long as may be arrives: %s", async (_case, character, count) => {
  const title = "😀".repeat(120);
  const content = `${character.repeat(count - 1)}${character === "\r\n" ? "x" : character}`;
  const form = await parsed(
    new URLSearchParams({ title, content, commandId: newId(), version: "999" }).toString(),
  );
  const command = await AddPost.fromParams(form, { aggregateId: newId(), authorAggregateId: newId() });
  expect(Buffer.byteLength(command.content)).toBe(64 * 1024);
});

test("a post that is a little too long reaches its command, which says so", async () => {
  const form = await parsed(
    new URLSearchParams({ title: "t", content: "😀".repeat(16 * 1024 + 1) }).toString(),
  );
  await expect(
    AddPost.fromParams(form, { aggregateId: newId(), authorAggregateId: newId() }),
  ).rejects.toMatchObject({ errors: { content: ["is too long (at most 64 KB)"] } });
});

test("a form that is cut off leads to nothing", async () => {
  const seen: Form[] = [];
  const { server, port } = await listening(app((form) => seen.push(form)));
  const client = connect(port, "127.0.0.1");
  client.write(
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 100\r\n\r\na=1`,
  );
  const [{ socket }] = await once(server, "request");
  client.end();
  await new Promise((resolve) => socket.once("close", resolve));
  expect(seen).toEqual([]);
});
