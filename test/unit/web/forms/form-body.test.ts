import { once } from "node:events";
import { connect } from "node:net";
import express from "express";
import fc from "fast-check";
import request from "supertest";
import { describe, expect, test } from "vitest";
import {
  CommandNotValid,
  CreationCommand,
  maxBytes,
  maxLength,
  notBlank,
  string,
  text,
  uuid,
} from "#sequent";
import { newId } from "#sequent/operations";
import { type FormBody, type FormLimits, formBody, formLimits } from "../../../../src/web/forms/form-body.ts";
import { cpuTime } from "../../../support/cpu.ts";
import { exchange, listening, plainErrors, statusOf } from "../../../support/http.ts";

class AddPost extends CreationCommand("AddPost", {
  authorAggregateId: uuid(),
  title: string(notBlank, maxLength(120)),
  content: text(notBlank, maxBytes(64 * 1024)),
}) {}

const type = "application/x-www-form-urlencoded";

function app(see: (body: FormBody) => unknown = () => {}, limits?: FormLimits) {
  const app = express();
  app.use(formBody(limits));
  app.all("/", async (req, res) => {
    await see(req.body);
    res.json(req.body ?? "nothing");
  });
  app.use((error: unknown, req: express.Request, _res: express.Response, next: express.NextFunction) => {
    see(req.body);
    next(error);
  }, plainErrors);
  return app;
}

/** The fields that arrive from a form. */
async function parsed(body: string | Buffer, contentType = type): Promise<FormBody> {
  let seen: FormBody | undefined;
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

async function statusFor(
  body: string | Buffer,
  headers: Record<string, string> = { "Content-Type": type },
  one = app(),
) {
  const { port } = await listening(one);
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

test("a field that is sent twice arrives as a list, which every command refuses", async () => {
  const form = await parsed("title=one&title=two&title=three&content=c");
  expect(form["title"]).toEqual(["one", "two", "three"]);
  const known = { aggregateId: newId(), authorAggregateId: newId() };
  await expect(AddPost.fromParams(form, known)).rejects.toThrow(CommandNotValid);
});

test("brackets make no nested fields", async () => {
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

test("names of object properties are ordinary names", async () => {
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
])("%s is refused by the command, not changed silently", async (_case, body) => {
  const known = { aggregateId: newId(), authorAggregateId: newId() };
  await expect(AddPost.fromParams(await parsed(body), known)).rejects.toMatchObject({
    errors: { title: [expect.stringContaining("cannot be stored")] },
  });
});

test("a lone percent sign does not change", async () => {
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
  "a form%s is read",
  async (parameter) => {
    expect({ ...(await parsed("a=%C3%BC", type + parameter)) }).toEqual({ a: "ü" });
  },
);

describe("a form that is too large gets 413 and a message that says what to do, and the connection is closed", () => {
  const { mostBytes, mostFields } = formLimits;
  const tooLarge = async (body: string, limits?: FormLimits) => {
    const seen: FormBody[] = [];
    const answer = await statusFor(
      body,
      undefined,
      app((form) => seen.push(form), limits),
    );
    expect(statusOf(answer)).toBe(413);
    expect(answer).toMatch(/^Connection: close$/im);
    return { answer, form: seen[0] ?? {} };
  };

  test("up to twice the limit is kept, to be shown again", async () => {
    const content = "\u00fc, 100% of it & more\r\n".repeat(20_000);
    const body = new URLSearchParams({ title: "t", content }).toString();
    expect(body.length).toBeGreaterThan(mostBytes);
    const { answer, form } = await tooLarge(body);
    expect(answer).toContain("A form may have 512 KB. What you typed is below");
    expect(form["content"] === content).toBe(true);
  });

  test("more is not kept, but is still in the form of the browser", async () => {
    const { answer, form } = await tooLarge(`content=${"a".repeat(2 * mostBytes)}`);
    expect(answer).toContain("it is still in the form");
    expect(Object.keys(form)).toEqual([]);
  });

  test("of too many fields the first ones are kept", async () => {
    const { answer, form } = await tooLarge("a=1&".repeat(mostFields + 1));
    expect(answer).toContain("A form may have 1,000 fields. What you typed is below");
    expect(form["a"]).toHaveLength(mostFields);
  });

  test("the limit is a setting, and can have a hint", async () => {
    const limits = { mostBytes: 2_048, mostFields: 2, advice: "A memo may have 100 words." };
    expect((await tooLarge("a=1&b=2&c=3", limits)).answer).toContain(
      "A form may have 2 fields. A memo may have 100 words. What",
    );
    expect((await tooLarge(`a=${"1".repeat(2_048)}`, limits)).answer).toContain("A form may have 2 KB.");
  });
});

test("a form of nothing but separators costs little time", async () => {
  const started = cpuTime();
  for (const piece of ["&", "&a", "&a=", "=", "%"])
    await statusFor(piece.repeat(formLimits.mostBytes / piece.length));
  expect(cpuTime() - started).toBeLessThan(2_000);
});

test.each([
  ["escapes of bytes", "\u{1f468}\u00fc%\r\n"],
  ["characters that nobody escaped", "\u{1f468}\u00fcb"],
])("a long form is decoded in pieces, and arrives as it was typed: %s", async (_what, piece) => {
  for (const shift of ["", "a", "ab", "abc", "abcd"]) {
    const content = shift + piece.repeat(20_000);
    const encoded = piece.includes("%") ? encodeURIComponent(content) : content;
    expect((await parsed(`content=${encoded}`))["content"] === content).toBe(true);
  }
});

test("a long form has the same fields, wherever it is cut into pieces", async () => {
  const part = fc.constantFrom(
    ..."%F0%9F%98%80 %E2%82%AC %C3%A9 %80 %F0%9F %ED%A0%80 % %4 %zz %2B + x \u{1f600} \u0161 \u00e9".split(
      " ",
    ),
  );
  const parts = fc.array(part, { minLength: 1, maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(fc.nat(45), parts, async (before, parts) => {
      const content = "x".repeat(64 * 1024 - before) + parts.join("");
      const escaped = content.replace(/[^\0-\x7f]+/g, encodeURIComponent);
      const whole = new URLSearchParams(`_=${escaped}`).get("_");
      expect((await parsed(`content=${content}`))["content"]?.slice(60_000)).toBe(whole?.slice(60_000));
    }),
    { numRuns: 60 },
  );
});

test("an unescaped character next to a lone percent sign does not change", async () => {
  expect({ ...(await parsed("a=%C3%A9\u0161%")) }).toEqual({ a: "\u00e9\u0161%" });
});

test("a much larger form is not even read", async () => {
  const { port } = await listening(app());
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 99999999999\r\n\r\na=1`;
  const answer = await exchange(port, head);
  expect(statusOf(answer)).toBe(413);
  expect(answer).toMatch(/^Connection: close$/im);
});

test("chunks count, too", async () => {
  const { port } = await listening(app());
  const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`;
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  expect(statusOf(await exchange(port, `${head}${chunk.repeat(9)}0\r\n\r\n`))).toBe(413);
  expect(statusOf(await exchange(port, head + chunk.repeat(40)))).toBe(413);
});

test("a thousand fields are taken", async () => {
  const fields = Array.from({ length: 1_000 }, (_, index) => `f${index}=1`).join("&");
  expect(Object.keys(await parsed(fields))).toHaveLength(1_000);
});

test.each([
  ["letters", "a", 64 * 1024],
  ["characters of four bytes", "😀", 16 * 1024],
  ["line breaks, which need the most bytes", "\r\n", 64 * 1024],
])("a post of the largest size arrives: %s", async (_case, character, count) => {
  const title = "😀".repeat(120);
  const content = `${character.repeat(count - 1)}${character === "\r\n" ? "x" : character}`;
  const form = await parsed(
    new URLSearchParams({ title, content, commandId: newId(), seenVersion: "999" }).toString(),
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

test("a form that is cut off has no effect", async () => {
  const seen: FormBody[] = [];
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
