import { expect, test, vi } from "vitest";
import { on } from "#sequent";
import { newId, type Persistor, type ProjectorClass, Replay } from "#sequent/operations";
import { eventTypes, projectors } from "../../src/blog.ts";
import { EditPost } from "../../src/domain/post/commands.ts";
import { PostContentChanged, PostTitleChanged } from "../../src/domain/post/events.ts";
import { PostProjector } from "../../src/projections/post/projector.ts";
import { postRecords } from "../../src/projections/post/record.ts";
import type { Query, Questions } from "../../src/projections/queries.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { hiddenField, useWeb } from "../support/web.ts";

const { context, client, given, signedInAs, get } = useWeb();
const [ben, post] = [newId(), newId()];

async function publish(content = "Green. ".repeat(200)): Promise<void> {
  await given(
    author({ aggregateId: ben }),
    draftBy(ben, { aggregateId: post, title: "Trees", content }),
    publication(post),
  );
}

const edit = (title: string) => given(new EditPost({ aggregateId: post, title, content: "Brown." }));

class LouderProjector extends PostProjector {
  constructor(persistor: Persistor) {
    super(persistor);
    this.handlers.push(
      on(PostTitleChanged, ({ aggregateId, title }) =>
        this.update(postRecords, { aggregate_id: aggregateId }, { title: title.toUpperCase() }),
      ),
      on(PostContentChanged, ({ aggregateId, content }) =>
        this.update(postRecords, { aggregate_id: aggregateId }, { content: content.toUpperCase() }),
      ),
    );
  }
}

/** The projectors of a build that changed a rule of its view without raising the version. */
const louder: readonly ProjectorClass[] = projectors.map((each) =>
  each === PostProjector ? LouderProjector : each,
);

/** A process of its own, as far as what it keeps is concerned; and what its pages asked the database. */
function anotherProcess(stateOfDatabase?: () => string | undefined) {
  const asked = vi.fn<(type: string) => void>();
  const queries = {
    async ask(query: Query) {
      if (query.type === "StateOfDatabase" && stateOfDatabase) return stateOfDatabase();
      asked(query.type);
      return context.blog.queries.ask(query);
    },
  } as Questions;
  const agent = client({ queries });
  return { asked, get: (path: string) => agent.get(path).set("Accept", "text/html") };
}

const paths = [
  "/",
  "/authors",
  `/authors/${ben}`,
  `/posts/${post}`,
  `/posts/${post}/history`,
  "/feed.xml",
  "/sitemap.xml",
];

test.each([...paths, `/posts/${post}?at=5`])(
  "%s is rendered once in each state, from its second reader on",
  async (path) => {
    await publish();
    let state: string | undefined = "first";
    const { asked, get: read } = anotherProcess(() => state);
    const questions = async (host = "localhost") => {
      asked.mockClear();
      const { text } = await read(path).set("Host", host).expect(200);
      return [asked.mock.calls.length, text];
    };
    const [first, text] = await questions();
    expect(first).toBeGreaterThan(0);
    expect(await questions()).toEqual([first, text]);
    expect(await questions()).toEqual([0, text]);
    expect((await questions("127.0.0.1"))[0]).toBe(first);
    state = "second";
    expect((await questions())[0]).toBe(first);
    expect((await questions())[0]).toBe(0);
    state = undefined;
    expect((await questions())[0]).toBe(first);
    expect((await questions())[0]).toBe(first);
  },
);

test("what one process changed is on the next page of every other one", async () => {
  await publish();
  const processes = [anotherProcess(), anotherProcess(), anotherProcess()];
  for (const title of ["One", "Two", "Three"]) {
    await edit(title);
    for (const { get: read } of processes) {
      for (const path of ["/", `/posts/${post}`]) expect((await read(path)).text).toContain(title);
    }
  }
});

test("after a replay, and after its rollback, running processes show the whole of the view that is live", async () => {
  await publish();
  const { get: read } = anotherProcess();
  const shown = async () => {
    const pages = await Promise.all(["/", `/posts/${post}`].map((path) => read(path).expect(200)));
    return pages.flatMap(({ text }) => text.match(/trees|green/gi) ?? []);
  };
  const before = await shown();
  expect(new Set(before)).toEqual(new Set(["Trees", "Green"]));

  const replay = new Replay({ knex: context.database.patient, projectors: louder, eventTypes });
  await replay.replay(await replay.plan(louder.filter(({ savedName }) => savedName === "PostProjector")));
  expect(new Set(await shown())).toEqual(new Set(["TREES", "GREEN"]));

  await replay.rollBack();
  expect(await shown()).toEqual(before);
});

test("a page has the same tag in every process", async () => {
  await publish();
  for (const path of ["/", `/posts/${post}`]) {
    const tags = [];
    for (const { get: read } of [anotherProcess(), anotherProcess()])
      tags.push((await read(path)).headers["etag"]);
    expect(tags[0]).toMatch(/^W\/"/);
    expect(tags[1]).toBe(tags[0]);
  }
});

test("a kept page has no message for somebody else", async () => {
  await publish();
  await signedInAs(ben);
  const writer = client();
  await writer.post(`/posts/${post}`).type("form").send({ title: "Trees", content: "Brown." }).expect(303);
  expect((await writer.get(`/posts/${post}`)).text).toContain("Changes saved");
  expect((await get(`/posts/${post}`)).text).not.toContain("Changes saved");
  expect((await writer.get(`/posts/${post}`)).text).not.toContain("Changes saved");
});

test("the page of a draft is not kept, for its form has an id of its own each time", async () => {
  await given(author({ aggregateId: ben }), draftBy(ben, { aggregateId: post }));
  await signedInAs(ben);
  const [first, second] = [await get(`/posts/${post}`), await get(`/posts/${post}`)];
  expect(hiddenField(first.text, "commandId")).not.toBe(hiddenField(second.text, "commandId"));
});

test("pages are sent compressed to whoever takes that, and without their text to whoever asks for the head", async () => {
  await publish();
  for (const path of ["/", `/posts/${post}`, "/authors", "/feed.xml"]) {
    for (const _time of ["rendered", "kept"]) {
      const plain = await get(path).set("Accept-Encoding", "identity").expect(200);
      expect(plain.headers).toMatchObject({ vary: "Cookie, Accept-Encoding" });
      expect(plain.headers).not.toHaveProperty("content-encoding");
      const zipped = await get(path).set("Accept-Encoding", "gzip").expect(200);
      expect(zipped.headers).toMatchObject({ vary: "Cookie, Accept-Encoding", "content-encoding": "gzip" });
      expect(zipped.headers["etag"]).toBe(plain.headers["etag"]);
      const head = await client().head(path).set("Accept-Encoding", "identity").expect(200);
      expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(plain.text)));
      expect(zipped.text).toBe(plain.text);
    }
  }
});

test("who reads from the primary gets the new page, and who reads from a replica the old one, at the same moment", async () => {
  await publish();
  const { queries } = context.blog;
  const old = await queries.ask({ type: "PostById", readerId: "program:test", postId: post });
  const replica = {
    ask: async (query: Query) => (query.type === "PostById" ? old : queries.ask(query)),
  } as Questions;
  const primary = { queries, position: async () => "0/1", isReplayed: async () => false };
  const reader = client({ queries: replica, primary });
  await signedInAs(ben);
  const writer = client({ queries: replica, primary });
  const titleFor = async (agent: typeof writer) =>
    /<h1[^>]*>([^<]*)</.exec((await agent.get(`/posts/${post}`)).text)?.[1];

  await writer.post(`/posts/${post}`).type("form").send({ title: "Woods", content: "Brown." }).expect(303);
  await writer.get(`/posts/${post}`); // with its message
  for (let time = 0; time < 10; time += 1) {
    const readers = [reader, writer, reader, writer];
    expect(await Promise.all(readers.map(titleFor))).toEqual(["Trees", "Woods", "Trees", "Woods"]);
  }
});

test("a long page is compressed too, and says the same", async () => {
  await publish("Green *leaves*. ".repeat(4_000));
  const path = `/posts/${post}`;
  for (const _time of ["rendered", "kept"]) {
    const zipped = await get(path).set("Accept-Encoding", "gzip").expect(200);
    expect(zipped.headers).toMatchObject({ "content-encoding": "gzip" });
    expect(zipped.text).toBe((await get(path).set("Accept-Encoding", "identity").expect(200)).text);
  }
});
