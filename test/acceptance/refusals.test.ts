import request from "supertest";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  CommandAlreadyStored,
  CommandService,
  newId,
  PostgresConnections,
  StoreUnavailable,
} from "#sequent/operations";
import { commandHandlers, projectors, queriesOn } from "../../src/blog.ts";
import { QueryFailed } from "../../src/projections/query-service.ts";
import { type AppOptions, createApp } from "../../src/web/app.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { author, draftBy } from "../support/people.ts";
import { body, hiddenField, textOf, useWeb } from "../support/web.ts";
import { FlakyStore } from "../unit/framework/support/flaky-store.ts";

const { given, signedInAs, get, client, newEvents, context } = useWeb();
const ben = newId();
const moss = newId();
const json = "application/problem+json";

beforeEach(async () => {
  await given(author({ aggregateId: ben }), draftBy(ben, { aggregateId: moss }));
  await signedInAs(ben);
});

const pages = (id: string) => [`/authors/${id}`, `/posts/${id}`, `/posts/${id}/edit`, `/posts/${id}/history`];

describe("what is not there", () => {
  test("is a page of ours with 404, or a problem for a program", async () => {
    const page = await get("/nothing/here").expect(404);
    expect(page.text).toContain("Page not found");
    expect(page.text).toContain("</html>");
    const problem = await client().get("/nothing/here").set("Accept", "application/json").expect(404);
    expect(problem.headers["content-type"]).toBe(`${json}; charset=utf-8`);
    expect(JSON.parse(problem.text)).toMatchObject({
      type: "about:blank",
      status: 404,
      title: "Page not found",
    });
  });

  test("an unknown id is 404, and so is an id of something else", async () => {
    for (const path of pages(newId())) await get(path).expect(404);
    await get(`/posts/${ben}`).expect(404);
    await get(`/authors/${moss}`).expect(404);
  });

  test.each([
    "1",
    "x",
    "{0190f8a0-0000-7000-8000-000000000000}",
    "0190F8A0-0000-7000-8000-00000000000A",
    "0190f8a0000070008000000000000000",
    "__proto__",
    "constructor",
    "..%2f..%2fetc%2fpasswd",
    "'; drop table",
    "0190f8a0-0000-7000-8000-000000000000%0a",
  ])("a malformed id (%s) is 404 without a query", async (id) => {
    const ask = vi.fn();
    const executeCommands = vi.fn();
    const web = client({ queries: { ask }, commandService: { executeCommands } } as unknown as AppOptions);
    for (const path of pages(encodeURI(decodeURIComponent(id)).replaceAll("/", "%2f")))
      await web.get(path).expect(404);
    for (const path of [`/posts/${encodeURIComponent(id)}`, `/authors/${encodeURIComponent(id)}/posts`])
      await web.post(path).type("form").send("title=a&content=b").expect(404);
    expect(ask).not.toHaveBeenCalled();
    expect(executeCommands).not.toHaveBeenCalled();
  });

  test("a path that cannot be read is a 400 or a 404, never our fault", async () => {
    for (const path of ["/posts/%zz", "/authors/%00", "/%c0%af", "/posts/%ff/edit"]) {
      const { status, text } = await get(path);
      expect([400, 404]).toContain(status);
      expect(text).toContain("</html>");
    }
  });
});

describe("what is there, but not for this method", () => {
  test.each([
    ["delete", "/", "GET, HEAD"],
    ["put", "/authors", "GET, HEAD, POST"],
    ["post", "/authors/new", "GET, HEAD"],
    ["patch", `/posts/${moss}`, "GET, HEAD, POST"],
    ["get", `/posts/${moss}/publication`, "POST"],
    ["get", `/authors/${ben}/posts`, "POST"],
    ["delete", "/feed.xml", "GET, HEAD"],
  ] as const)("%s %s: 405, and Allow says what is", async (method, path, allow) => {
    const answer = await client()[method](path).set("Accept", "text/html").expect(405);
    expect(answer.headers["allow"]).toBe(allow);
    expect(answer.text).toContain("That cannot be done here");
    expect(await newEvents()).toEqual([]);
  });

  test("HEAD is as GET without the text", async () => {
    const { headers, text } = await client().head(`/posts/${moss}`).expect(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(text).toBeUndefined();
  });
});

describe("what goes wrong on our side", () => {
  const broken = (error: Error): Partial<AppOptions> => ({
    queries: { ask: () => Promise.reject(error) },
    commandService: { executeCommands: () => Promise.reject(error) },
  });
  const form = { title: "On moss", content: "Long & <b>dear</b>", commandId: newId() };

  test("is a 500 page with a reference that the log has too, and no word of the cause", async () => {
    const lines: string[] = [];
    const log = createLog({ level: "error", write: (line) => lines.push(line) });
    const secret = new TypeError("password=hunter2 at /src/secret.ts");
    for (const accept of ["text/html", json]) {
      const { text } = await client({ ...broken(secret), log })
        .get("/")
        .set("Accept", accept)
        .expect(500);
      await vi.waitFor(() => expect(lines).toHaveLength(1));
      const { requestId, err } = JSON.parse(lines.pop() ?? "");
      expect(err.message).toBe(secret.message);
      expect(text).toContain(requestId);
      expect(text).not.toMatch(/hunter2|secret|TypeError|node_modules/);
    }
  });

  test("without a database: 503 with Retry-After, on pages that are read", async () => {
    for (const path of ["/", "/authors", `/posts/${moss}`, "/feed.xml"]) {
      const answer = await client(broken(new StoreUnavailable(false)))
        .get(path)
        .set("Accept", "text/html")
        .expect(503);
      expect(answer.headers["retry-after"]).toMatch(/^\d+$/);
      expect(answer.text).toContain("The blog needs a moment");
    }
  });

  test("what was typed is in the page, with the same command id, ready to be sent again", async () => {
    const web = client(broken(new StoreUnavailable(true)));
    for (const path of ["/authors", `/posts/${moss}`, `/authors/${ben}/posts`]) {
      const fields = { ...form, name: "Ada", email: "ada@example.com" };
      const answer = await web
        .post(path)
        .type("form")
        .set("Accept", "text/html")
        .send(body(fields))
        .expect(503);
      expect(answer.headers["retry-after"]).toBeDefined();
      expect(hiddenField(answer.text, "commandId")).toBe(form.commandId);
      expect(answer.text).toContain(`action="${path}"`);
      if (path !== "/authors") expect(textOf(answer.text)).toContain("Long & <b>dear</b>");
    }
  });

  test("is a short text where even the error page cannot be rendered", async () => {
    const app = createApp({ ...context.blog, ...broken(new TypeError("x")) });
    app.set("views", "/nowhere");
    const { text } = await request(app).get("/").expect(500);
    expect(text).toContain("Reference: ");
  });
});

describe("a mistake in the SQL of a query", () => {
  const lines: string[] = [];
  const app = () => client({ log: createLog({ level: "error", write: (line) => lines.push(line) }) });
  beforeEach(() => {
    lines.length = 0;
  });

  test("is our fault, and the log names the query and the column; nobody is told that the database is away", async () => {
    const { write } = context.database;
    await write.raw("alter table view_schema.post_records rename column updated_at to changed_at");
    try {
      const { text } = await app().get(`/posts/${moss}`).set("Accept", "text/html").expect(500);
      expect(text).not.toContain("database");
      const [, reference] = /mention this reference: <code>(.*?)<\/code>/.exec(text) ?? [];
      expect(JSON.parse(lines.join(""))).toMatchObject({
        requestId: reference,
        err: { type: "QueryFailed", message: expect.stringMatching(/PostById.*updated_at/), code: "42703" },
      });
    } finally {
      await write.raw("alter table view_schema.post_records rename column changed_at to updated_at");
    }
  });

  test("is also a query that writes, for pages read on connections that cannot", async () => {
    const queries = queriesOn(context.database.read);
    const first = vi.spyOn(PostgresConnections.prototype, "first");
    first.mockImplementation(async function (this: PostgresConnections) {
      first.mockRestore();
      await this.all("update view_schema.post_records set title = ''");
      return undefined;
    });
    await expect(
      queries.ask({ type: "PostById", readerId: "program:test", postId: moss }),
    ).rejects.toMatchObject({
      constructor: QueryFailed,
      query: "PostById",
      code: "25006",
    });
  });
});

describe("whether a form was stored", () => {
  const fields = {
    name: "Ada",
    email: "ada@example.com",
    title: "On moss",
    content: "Long",
    commandId: newId(),
  };
  const failing = (error: Error) =>
    client({ commandService: { executeCommands: () => Promise.reject(error) } });
  const paths = ["/authors", `/authors/${ben}/posts`, `/posts/${moss}`, `/posts/${moss}/publication`];

  test.each([
    ["a store that is cut off", new StoreUnavailable(true), 503],
    ["an id that is taken", new CommandAlreadyStored([fields.commandId]), 503],
    ["a mistake of ours", new TypeError("x"), 500],
  ])(
    "is not claimed after %s: it is said that nobody knows, and that it can be sent again",
    async (_, error, status) => {
      for (const path of paths) {
        for (const accept of ["text/html", json]) {
          const send = (sent: Parameters<typeof body>[0]) =>
            failing(error).post(path).type("form").set("Accept", accept).send(body(sent)).expect(status);
          const { text } = await send(fields);
          expect(text).toContain(
            "It is not known whether what you sent was stored. Sending it again is safe",
          );
          expect(text).not.toMatch(/not stored|none of it|nothing of it|cannot store/i);
          if (status === 503 && accept !== json) {
            expect(hiddenField(text, "commandId")).toBe(fields.commandId);
            expect(text).toContain(`action="${path}"`);
          }
          const { commandId: _, ...unnamed } = fields;
          expect((await send(unnamed)).text).toContain("Look for it before you send it again");
        }
      }
    },
  );

  test("is not claimed where the author of the post is not found either", async () => {
    await client({
      commandService: { executeCommands: () => Promise.reject(new StoreUnavailable(true)) },
      queries: { ask: async () => undefined } as unknown as AppOptions["queries"],
    })
      .post(`/authors/${ben}/posts`)
      .type("form")
      .send(body(fields))
      .expect(503);
  });

  test("is found out by sending it again, also where nobody could look the first time", async () => {
    const { eventStore } = context.blog;
    const cut = {
      ...new FlakyStore().wrap(eventStore),
      findCommands: () => Promise.reject(new StoreUnavailable(true)),
    };
    const cutOff = client({
      commandService: new CommandService({ eventStore: cut, commandHandlers, projectors }),
    });
    const sent = body({ commandId: newId() });
    const publish = (web: ReturnType<typeof client>) =>
      web.post(`/posts/${moss}/publication`).type("form").set("Accept", "text/html").send(sent);

    await publish(client()).expect(303);
    const { text } = await publish(cutOff).expect(503); // not "Already published"
    expect(text).toContain("Send again");
    await publish(client()).expect(303);
    expect(await newEvents()).toEqual(["PostPublished"]);
  });

  test("is said where it is known", async () => {
    const { text } = await client()
      .post("/authors")
      .type("form")
      .set("Accept", "text/html")
      .set("Sec-Fetch-Site", "cross-site")
      .send(body(fields))
      .expect(403);
    expect(text).toContain("None of it was stored");
  });
});

describe("what the guards refuse", () => {
  const typed = { title: "On moss", content: "Long & <b>dear</b>", commandId: newId() };
  const send = (overrides?: Partial<AppOptions>) =>
    client(overrides).post(`/authors/${ben}/posts`).type("form").set("Accept", "text/html").send(body(typed));

  test("from another site: 403, nothing stored, the text is there to copy but not to send", async () => {
    const { text } = await send().set("Sec-Fetch-Site", "cross-site").expect(403);
    expect(text).toContain("This came from another site");
    expect(textOf(text)).toContain("Long & <b>dear</b>");
    expect(text).not.toMatch(/<form(?! method="post" action="\/sign-out")/);
    expect(await newEvents()).toEqual([]);
  });

  test("too often: 429 with Retry-After, and the text is there to be sent again", async () => {
    const count = async () => [{ count: 1_000, secondsLeft: 42 }];
    const { text, headers } = await send({ rateLimits: { count, uncount: async () => {} } }).expect(429);
    expect(headers["retry-after"]).toBe("42");
    expect(textOf(text)).toContain("Long & <b>dear</b>");
    expect(text).toContain(`action="/authors/${ben}/posts"`);
    expect(hiddenField(text, "commandId")).toBe(typed.commandId);
    expect(await newEvents()).toEqual([]);
  });

  test("whatever fields a form has, all that was typed is shown, and the button that was pressed is sent again", async () => {
    const count = async () => [{ count: 1_000, secondsLeft: 42 }];
    const fields = { "lines[0].amount": "12.50", tags: ["a", "b"], note: " ", intent: "publish", ...typed };
    const { text } = await client({ rateLimits: { count, uncount: async () => {} } })
      .post("/anywhere")
      .type("form")
      .set("Accept", "text/html")
      .send(body(fields))
      .expect(429);
    const shown = [...text.matchAll(/<textarea [^>]*name="([^"]*)"[^>]*>\n([^<]*)</g)].map(
      ([, name, value]) => [name, value],
    );
    expect(shown).toEqual([
      ["lines[0].amount", "12.50"],
      ["tags", "a"],
      ["tags", "b"],
      ["title", "On moss"],
      ["content", "Long &amp; &lt;b&gt;dear&lt;/b&gt;"],
    ]);
    expect(hiddenField(text, "intent")).toBe("publish");
    expect(hiddenField(text, "commandId")).toBe(typed.commandId);
  });

  test("too much at once: 413 says how much may be sent, and shows what was typed", async () => {
    const name = `Ada ${"a".repeat(600_000)}`;
    const send = (text: string) =>
      client()
        .post("/authors")
        .type("form")
        .set("Accept", "text/html")
        .send(body({ name: text }))
        .expect(413);
    const { text } = await send(name);
    expect(textOf(text)).toContain("A form may have 512 KB. A text may have 64 KB.");
    expect(text).toContain(`${name}</textarea>`);
    expect(text).not.toMatch(/<form(?! method="post" action="\/sign-out")/);
    expect(textOf((await send(name + name)).text)).toContain("it is still in the form");
  });

  test("no form: 415", async () => {
    const { text } = await client()
      .post("/authors")
      .set("Accept", "text/html")
      .send({ name: "Ada" })
      .expect(415);
    expect(textOf(text)).toContain("Please send a form");
  });
});

describe("where a redirect leads", () => {
  test("is never said by the request", async () => {
    const answer = await client()
      .post(`/posts/${moss}/publication?next=//evil.example&returnTo=https://evil.example`)
      .set("Referer", "https://evil.example/")
      .type("form")
      .send("next=//evil.example")
      .expect(303);
    expect(answer.headers["location"]).toBe(`/posts/${moss}`);
  });
});
