import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { createBlog } from "../../src/blog.ts";
import { ConfirmAuthorEmail } from "../../src/domain/author/commands.ts";
import { EditPost } from "../../src/domain/post/commands.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { hiddenField, textOf, useWeb } from "../support/web.ts";

const { context, given, signedInAs, get, send, client, newEvents } = useWeb({
  publicUrl: "https://blog.example.com",
});
const [ben, eva] = [newId(), newId()];
const json = "application/problem+json";
let draft = "";
let post = "";

/** Ben has a draft, and a post with another text before it was published (versions 1 to 5) than after it (6, 7). */
beforeEach(async () => {
  [draft, post] = [newId(), newId()];
  await given(
    author({ aggregateId: ben }),
    author({ aggregateId: eva, name: "Eva", email: "eva@example.com" }),
    draftBy(ben, { aggregateId: draft, title: "A secret", content: "Nobody knows." }),
    draftBy(ben, { aggregateId: post, title: "On moss", content: "It was private." }),
    new EditPost({ aggregateId: post, title: "On moss", content: "It is green." }),
    publication(post),
    new EditPost({ aggregateId: post, title: "On lichen", content: "It is green." }),
  );
});

const readers = { "somebody else": eva, "somebody who is not signed in": undefined };

describe.each(Object.entries(readers))("to %s", (_who, reader) => {
  beforeEach(() => signedInAs(reader));

  test("a draft is not there: on its page, in its past, in its history, for GET and HEAD, for people and programs", async () => {
    for (const path of ["", "?at=1", "?at=4", "/history"]) {
      for (const accept of ["text/html", json]) {
        for (const method of ["get", "head"] as const) {
          const answer = await client()[method](`/posts/${draft}${path}`).set("Accept", accept);
          expect([path, answer.status]).toEqual([path, 404]);
          expect(answer.text ?? "").not.toMatch(/secret|nobody knows|draft/i);
        }
      }
    }
    const missing = (id: string) => get(`/posts/${id}`).then(({ text }) => text);
    expect(await missing(draft)).toBe(await missing(newId()));
  });

  test("a draft is in no list, feed or sitemap", async () => {
    for (const path of ["/", "/authors", `/authors/${ben}`, "/feed.xml", "/sitemap.xml"]) {
      const { text } = await get(path).expect(200);
      expect(text, path).not.toContain(draft);
      expect(text, path).not.toContain("A secret");
    }
    expect((await get(`/authors/${ben}`)).text).toContain(`href="/posts/${post}"`);
    expect(textOf((await get("/authors")).text)).toContain("Ben 1 post");
  });

  test("versions from before the publication are not there, and the history begins with it", async () => {
    for (let version = 1; version <= 5; version += 1) await get(`/posts/${post}?at=${version}`).expect(404);
    const first = await get(`/posts/${post}?at=6`).expect(200);
    expect(first.text).toContain("It is green.");
    expect(first.text).not.toContain('rel="prev"');
    const { text } = await get(`/posts/${post}/history`).expect(200);
    expect([...text.matchAll(/<li>\s*<h2>([^<]*)/g)].map(([, heading]) => heading)).toEqual([
      "Title changed",
      "Published",
    ]);
    expect(text).not.toContain("private");
    for (const [, path = ""] of text.matchAll(/href="(\/posts\/[^"]*)"/g)) await get(path).expect(200);
  });

  test("nothing of somebody else's is offered", async () => {
    for (const path of ["/", `/posts/${post}`, `/posts/${post}/history`, `/authors/${ben}`]) {
      const { text } = await get(path).expect(200);
      expect(text, path).not.toMatch(/\/edit"|action="\/(posts|authors)|href="#new-post"/);
    }
  });
});

describe("somebody else's post", () => {
  const text = { title: "Mine now", content: "Mine, too." };
  beforeEach(() => signedInAs(eva));

  test("cannot be edited: 403, for the form and for what it sends, and nothing typed is lost", async () => {
    const form = await get(`/posts/${post}/edit`).expect(403);
    expect(textOf(form.text)).toContain("This belongs to somebody else");
    expect(form.text).not.toContain("It is green.");
    for (const fields of [
      text,
      { ...text, seenVersion: "7" },
      { ...text, title: "" },
      { ...text, intent: "preview" },
    ]) {
      const answer = await send(`/posts/${post}`, fields).expect(403);
      expect(textOf(answer.text)).toContain("This belongs to somebody else");
      expect(answer.text).toContain("Mine, too.</textarea>");
    }
    expect(await newEvents()).toEqual([]);
  });

  test("is not shown to others by a conflict", async () => {
    const answer = await send(`/posts/${post}`, { ...text, seenVersion: "1" }).expect(403);
    expect(answer.text).not.toContain("It is green.");
  });

  test("that is a draft answers as if it were not there, whatever is sent", async () => {
    const forms = [
      text,
      { ...text, seenVersion: "1" },
      { ...text, title: "" },
      { ...text, intent: "preview" },
    ];
    await get(`/posts/${draft}/edit`).expect(404);
    for (const fields of forms) {
      const answer = await send(`/posts/${draft}`, fields).expect(404);
      expect(answer.text).not.toMatch(/secret|nobody knows/i);
      expect(answer.text).toContain("Mine, too.</textarea>");
    }
    await send(`/posts/${draft}/publication`).expect(404);
    expect(await newEvents()).toEqual([]);
  });

  test("is a problem for a program: 403, or 404 for a draft", async () => {
    for (const [id, status, title] of [
      [post, 403, "This belongs to somebody else"],
      [draft, 404, "Page not found"],
    ] as const) {
      for (const [method, path] of [
        ["get", `/posts/${id}/edit`],
        ["post", `/posts/${id}`],
        ["post", `/posts/${id}/publication`],
      ] as const) {
        const answer = await client()
          [method](path)
          .type("form")
          .set("Accept", json)
          .send(method === "post" ? "title=a&content=b" : undefined);
        expect([path, answer.status]).toEqual([path, status]);
        expect(JSON.parse(answer.text)).toMatchObject({ status, title });
      }
    }
  });

  test("is not published by sending the author's form once more", async () => {
    await signedInAs(ben);
    const { text: page } = await get(`/posts/${draft}`).expect(200);
    const form = { commandId: hiddenField(page, "commandId") };
    await send(`/posts/${draft}/publication`, form).expect(303);
    await signedInAs(eva);
    const answer = await send(`/posts/${draft}/publication`, form);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers["location"]).toBeUndefined();
    expect(await newEvents()).toEqual(["PostPublished"]);
  });
});

describe("whoever is not signed in", () => {
  const forms = [
    `/authors/${ben}/posts`,
    "/posts/:draft",
    "/posts/:published",
    "/posts/:draft/publication",
    "/account/name",
    "/account/email",
    "/account/confirmation",
    "/account/erasure",
    "/account/sessions",
    "/account/email/AAAAAAAAAAAAAAAAAAAAAA",
  ];
  const pages = [
    "/posts/:published/edit",
    "/account",
    "/account/history",
    "/account/name",
    "/account/email",
    "/account/erasure",
    "/account/sessions",
    "/account/email/AAAAAAAAAAAAAAAAAAAAAA",
  ];
  const at = (path: string) => path.replace(":draft", draft).replace(":published", post);

  test.each(forms)(
    "is sent to sign in by the form of %s, and a program gets 401: nothing is stored",
    async (path) => {
      const browser = await send(at(path), { title: "a", content: "b" });
      expect(browser.status).toBe(303);
      expect(browser.headers["location"]).toMatch(/^\/sign-in(\?return_to=|$)/);
      const program = await client()
        .post(at(path))
        .type("form")
        .set("Accept", json)
        .send("title=a")
        .expect(401);
      expect(program.headers["content-type"]).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(program.text)).toMatchObject({ status: 401, title: "Please sign in first" });
      expect(await newEvents()).toEqual([]);
    },
  );

  test.each(pages)("is sent to sign in by %s, and back to it", async (path) => {
    const { headers } = await get(at(path)).expect(303);
    expect(headers["location"]).toBe(`/sign-in?return_to=${encodeURIComponent(at(path))}`);
    await client().get(at(path)).set("Accept", json).expect(401);
  });

  test("may still read, sign up and sign in", async () => {
    for (const path of [
      "/",
      "/authors",
      `/authors/${ben}`,
      `/posts/${post}`,
      "/authors/new",
      "/sign-in",
      "/feed.xml",
    ])
      await get(path).expect(200);
    await send("/authors", { name: "Ada", email: "ada@example.com" }).expect(303);
  });
});

describe("the header", () => {
  const headerOf = (text: string) => textOf(/<header>.*?<\/header>/s.exec(text)?.[0] ?? "");

  test("says who one is, with what they can do", async () => {
    await signedInAs(eva);
    const { text } = await get("/").expect(200);
    expect(headerOf(text)).toContain("Signed in as Eva Write Your posts Account Sign out");
    expect(text).toContain(`href="/authors/${eva}#new-post"`);
    expect(text).toContain('<form method="post" action="/sign-out">');
    expect(headerOf(text)).not.toMatch(/Sign in |Sign up/);
  });

  test("leads everybody else to sign in or sign up", async () => {
    const { text } = await get("/").expect(200);
    expect(headerOf(text)).toContain("Posts Authors");
    expect(headerOf(text)).toContain("Sign in Sign up");
    expect(headerOf(text)).not.toMatch(/Write|Account|Sign out/);
  });

  test("is on pages of errors, too", async () => {
    await signedInAs(eva);
    for (const path of ["/nothing", `/posts/${post}/edit`])
      expect(headerOf((await get(path)).text)).toContain("Signed in as Eva");
  });
});

describe("where publishing needs a confirmed address", () => {
  const text = { title: "On ferns", content: "They are old." };
  const strict = () => {
    const { commandService } = createBlog({ ...context.database, confirmAddress: true });
    return client({ commandService });
  };
  beforeEach(() => signedInAs(ben));

  test("a new post comes back with the reason, and can be saved as a draft", async () => {
    const form = { ...text, commandId: newId() };
    const post = (fields: object) =>
      strict().post(`/authors/${ben}/posts`).type("form").set("Accept", "text/html").send(fields);
    const refused = await post({ ...form, intent: "publish" }).expect(403);
    expect(textOf(refused.text)).toContain("Please confirm your e-mail address first");
    expect(refused.text).toContain("They are old.</textarea>");
    expect(refused.text).toContain(`action="/authors/${ben}/posts"`);
    await post({ ...form, commandId: hiddenField(refused.text, "commandId"), intent: "save" }).expect(303);
    expect(await newEvents()).not.toContain("PostPublished");
  });

  test("a draft stays one: 403, with the way to the account", async () => {
    const { text: page } = await strict()
      .post(`/posts/${draft}/publication`)
      .set("Accept", "text/html")
      .expect(403);
    expect(textOf(page)).toContain("Please confirm your e-mail address first");
    const answer = await strict().post(`/posts/${draft}/publication`).set("Accept", json).expect(403);
    expect(JSON.parse(answer.text)).toMatchObject({
      status: 403,
      title: "Please confirm your e-mail address first",
    });
    expect(await newEvents()).toEqual([]);
  });

  test("it is published when the address is confirmed", async () => {
    await given(new ConfirmAuthorEmail({ aggregateId: ben, email: "ben@example.com" }));
    await strict().post(`/posts/${draft}/publication`).expect(303);
    expect(await newEvents()).toEqual(["PostPublished"]);
  });
});
