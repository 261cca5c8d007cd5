import knex, { type Knex } from "knex";
import request from "supertest";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CloudEvent } from "#sequent/consumer";
import { newId } from "#sequent/operations";
import { settingsOfWorker } from "../../test/support/database.ts";
import { payloads } from "../../test/support/payloads.ts";
import { api } from "./api.ts";
import { type Found, SearchIndex } from "./search-index.ts";
import { CannotStart, readSettings } from "./settings.ts";

let database: Knex;
let index: SearchIndex;

beforeAll(async () => {
  const { databaseUrl } = await settingsOfWorker("search");
  database = knex({ client: "pg", connection: databaseUrl });
  await database.schema.dropTableIfExists("posts");
  index = new SearchIndex(database);
  await index.prepare();
});
beforeEach(() => database("posts").delete());
afterAll(() => database.destroy());

const loaf = newId();

/** Hands an event to its handler, as the consumer does. */
async function handle(type: string, subject: string, data: CloudEvent["data"] = {}): Promise<void> {
  const event = { type, subject, data } as CloudEvent;
  await database.transaction(async (trx) => void (await index.handlers[type]?.(event, trx)));
}

async function write(id: string, title: string, content = ""): Promise<void> {
  await handle("PostTitleChanged", id, { title });
  await handle("PostContentChanged", id, { content });
}

const publish = (id: string) => handle("PostPublished", id, { publicationDate: "2026-11-20" });

async function written(title: string, content?: string): Promise<string> {
  const id = newId();
  await write(id, title, content);
  await publish(id);
  return id;
}

const titles = ({ hits }: Found) => hits.map(({ title }) => title);
const find = async (words: string) => titles(await index.find(words));
const excerptOf = ({ hits: [hit] }: Found) =>
  hit?.excerpt.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join("");

describe("the index", () => {
  test("a draft is not found, and a published post is, with its later changes", async () => {
    await write(loaf, "A loaf", "Flour and water.");
    expect(await index.find("flour")).toEqual({ count: 0, hits: [] });
    await publish(loaf);
    expect(await index.find("flour")).toEqual({
      count: 1,
      hits: [
        {
          id: loaf,
          title: "A loaf",
          publishedOn: "2026-11-20",
          excerpt: [
            { text: "Flour", isMatch: true },
            { text: " and water", isMatch: false },
          ],
        },
      ],
    });
    await write(loaf, "A roll", "Rye and salt.");
    expect([await find("flour"), await find("loaf"), await find("rye roll")]).toEqual([[], [], ["A roll"]]);
  });

  test("words are found in other forms, as phrases, one or the other, and left out", async () => {
    await written("One", "She bakes good bread slowly.");
    await written("Two", "Good and cheap bread.");
    expect(await find("baking")).toEqual(["One"]);
    expect(await find('"good bread"')).toEqual(["One"]);
    expect((await find("bakes or cheap")).sort()).toEqual(["One", "Two"]);
    expect(await find("bread -cheap")).toEqual(["One"]);
    expect(await find("and the")).toEqual([]);
  });

  test("a word in the title counts for more than one in the text", async () => {
    await written("Salt", "A book.");
    await written("Soup", "With salt.");
    await written("Salt in soup", "A book.");
    expect((await find("salt")).at(-1)).toBe("Soup");
  });

  test("an excerpt is what people read, without the marks of Markdown", async () => {
    const content = "# Heading\n\nA [link](https://example.com), *good*\n`code` and ![a cat](cat.png)";
    await written("Links", content);
    expect(excerptOf(await index.find("link"))).toBe("Heading A [link], good code and a cat");
  });

  test("an excerpt of a long text has a few lines, and dots where the text goes on", async () => {
    const before = Array.from({ length: 5_000 }, (_, number) => `word${number}`).join(" ");
    await written("Long", `${before} needle ${"🧅".repeat(500)} and that is the end of this very long text`);
    const excerpt = excerptOf(await index.find("needle")) ?? "";
    expect(excerpt).toMatch(/^… word49\d\d .*\[needle\] 🧅{300,500} …$/u);
  });

  test("pages of twenty have every post once", async () => {
    for (let post = 1; post <= 45; post += 1)
      await written(`Post ${post}`, `moss ${"and more ".repeat(post % 3)}`);
    const found: string[] = [];
    const sizes: number[] = [];
    for (let after: string | undefined, isMore = true; isMore; ) {
      const page = await index.find("moss", after);
      expect(page.count).toBe(45);
      found.push(...titles(page));
      sizes.push(page.hits.length);
      after = page.next;
      isMore = after !== undefined;
    }
    expect(sizes).toEqual([20, 20, 5]);
    expect(new Set(found).size).toBe(45);
  });

  test("a cursor may be of a very small rank", async () => {
    await written("Moss");
    for (const rank of ["1.2e-7", "1e-20", "0.001"])
      expect((await index.find("moss", `${rank}_${newId()}`)).hits).toEqual([]);
  });

  test.each(["0_x", "infinity", "0.1_", "NaN_00000000-0000-0000-0000-000000000000", "'", "\0"])(
    "a cursor that we did not make (%s) gives the first page",
    async (after) => {
      await written("Moss");
      expect(titles(await index.find("moss", after))).toEqual(["Moss"]);
    },
  );

  test("whatever people write, it is found as it is, and asked for without an error", async () => {
    const marks = "\u0002moss\u0003 \u0000";
    await written(`Moss ${marks}`, [marks, ...payloads].join("\n\n"));
    for (const words of [...payloads, "\0", "'", "&|!():*<->\\", '"', "-", "or or", "💩"])
      await index.find(words);
    expect(excerptOf(await index.find("drop"))).toContain("'; [drop] table");
    const [hit] = (await index.find("moss")).hits;
    expect(hit?.title).toBe("Moss moss");
  });
});

describe("its answers", () => {
  const log = { info() {}, warn() {}, error() {} };
  const get = (path: string) => request(api({ index, countParked: async () => 3, log })).get(path);

  test("what was found, as JSON", async () => {
    await written("Moss");
    const { body } = await get("/search?q=moss")
      .expect(200)
      .expect("Content-Type", /^application\/json/);
    expect(titles(body)).toEqual(["Moss"]);
  });

  test.each([
    ["/search", 400, /^Say what to search for/],
    ["/search?q=%20", 400, /^Say what to search for/],
    ["/search?q=a&q=b", 400, /^Say what to search for/],
    [`/search?q=${"a".repeat(201)}`, 400, /200 characters/],
    ["/posts", 404, /only/],
  ])("%s is refused with a reason", async (path, status, title) => {
    const { body } = await get(path)
      .expect(status)
      .expect("Content-Type", /^application\/problem\+json/);
    expect(body).toEqual({ status, title: expect.stringMatching(title) });
  });

  test("if the database cannot answer, it says so with 503", async () => {
    const connection = "postgres://localhost:1/nobody";
    const broken = new SearchIndex(
      knex({ client: "pg", connection, log: { ...log, debug() {}, deprecate() {} } }),
    );
    const { body } = await request(api({ index: broken, countParked: async () => 0, log }))
      .get("/search?q=a")
      .expect(503);
    expect(body.title).toBe("The index cannot be asked at the moment.");
  });

  test("its health tells how many events are parked", async () => {
    expect((await get("/healthz").expect(200)).body).toEqual({ status: "ok", parked: 3 });
  });
});

test("it needs a broker, and says what to write", () => {
  const problem = (env: NodeJS.ProcessEnv) => {
    try {
      return readSettings(env);
    } catch (error) {
      return error instanceof CannotStart ? error.message : error;
    }
  };
  expect(problem({})).toMatch(/^BROKER_URL is needed.*as in BROKER_URL=nats/);
  expect(problem({ BROKER_URL: "http://localhost" })).toMatch(/^BROKER_URL is not the address of a broker/);
  expect(problem({ BROKER_URL: "nats://localhost", SEARCH_DATABASE_URL: "search" })).toMatch(
    /^SEARCH_DATABASE_URL is not the address of a Postgres/,
  );
  expect(problem({ BROKER_URL: "nats://localhost", PORT: "http" })).toMatch(/^PORT is "http", but must be/);
  expect(problem({ BROKER_URL: "nats://localhost" })).toEqual({
    broker: { url: "nats://localhost", topic: "sequent-blog" },
    databaseUrl: undefined,
    port: 3002,
    bindAddress: "127.0.0.1",
  });
});
