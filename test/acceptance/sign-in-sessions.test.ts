import { describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { accounts } from "../../src/accounts.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { beginSession, storeOf } from "../support/sessions.ts";
import { Browser } from "../support/sign-in.ts";
import { useWeb } from "../support/web.ts";

const { given, client, context, get, signedInAs } = useWeb();
const secure = useWeb({ publicUrl: "https://blog.example.com" });
const sql = (text: string, values: readonly string[] = []) => context.database.write.raw(text, values);
const [ada, ben] = [newId(), newId()];

const phone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile/15E148 Safari/604.1";

/** Signed in as if by mail, in a browser of its own. */
async function browserOf(accountId: string, userAgent?: string): Promise<Browser> {
  const browser = new Browser(client(), userAgent);
  browser.agent.jar.setCookie(`session=${await beginSession(context.database, accountId)}`, "127.0.0.1", "/");
  return browser;
}

describe("somebody whose session was stolen", () => {
  test("sees it, and signs out everywhere", async () => {
    await given(author({ aggregateId: ada }));
    const [here, thief] = [await browserOf(ada), await browserOf(ada, phone)];
    const { text } = await here.get("/account/sessions").expect(200);
    expect(text.match(/<li>\s*<span id="session-/g)).toHaveLength(2);
    expect(text.match(/This browser/g)).toHaveLength(1);
    const { headers } = await here.send("/account/sessions", { end: "all" }).expect(303);
    expect(headers["location"]).toBe("/");
    for (const browser of [here, thief]) expect(await browser.isSignedIn()).toBe(false);
    const { rows } = await sql("select count(*)::integer as n from web_schema.sessions");
    expect(rows[0].n).toBe(0);
  });

  test("ends one of them, or all others", async () => {
    await given(author({ aggregateId: ada }));
    const [here, second, third] = [await browserOf(ada), await browserOf(ada), await browserOf(ada)];
    const { rows } = await sql("select id from web_schema.sessions order by created_at");
    await here.send("/account/sessions", { end: rows[1].id }).expect(303);
    expect([await here.isSignedIn(), await second.isSignedIn(), await third.isSignedIn()]).toEqual([
      true,
      false,
      true,
    ]);
    await here.send("/account/sessions", { end: "others" }).expect(303);
    expect([await here.isSignedIn(), await third.isSignedIn()]).toEqual([true, false]);
    await here.send("/account/sessions", { end: rows[0].id }).expect(303);
    expect(await here.isSignedIn()).toBe(false);
  });

  test("ends no session of anybody else", async () => {
    await given(author({ aggregateId: ada }), author({ aggregateId: ben, email: "b@example.com" }));
    const [here, other] = [await browserOf(ada), await browserOf(ben)];
    const { rows } = await sql("select id from web_schema.sessions where account_id = ?", [ben]);
    await here.send("/account/sessions", { end: rows[0].id }).expect(303);
    for (const end of ["x", "", "ALL", `${rows[0].id}'`])
      await here.send("/account/sessions", { end }).expect(404);
    await here.send("/account/sessions", { end: "all" }).expect(303);
    expect(await other.isSignedIn()).toBe(true);
  });
});

describe("a session", () => {
  test("goes on if a link that does not work is tried in its browser", async () => {
    await given(author({ aggregateId: ada }));
    const here = await browserOf(ada);
    await here.send(`/sign-in/${"x".repeat(22)}`, { attempt: "y".repeat(43) }).expect(303);
    expect(await here.isSignedIn()).toBe(true);
  });

  test.each([
    ["30 days without a request", "seen_at = now() - interval '30 days'"],
    ["90 days in all", "created_at = now() - interval '90 days'"],
  ])("ends after %s", async (_after, change) => {
    await given(author({ aggregateId: ada }));
    const here = await browserOf(ada);
    await sql(`update web_schema.sessions set ${change} + interval '1 minute'`);
    expect(await here.isSignedIn()).toBe(true);
    await sql(`update web_schema.sessions set ${change}`);
    expect(await here.isSignedIn()).toBe(false);
  });

  test("notes its last use at most once an hour", async () => {
    await given(author({ aggregateId: ada }));
    const here = await browserOf(ada);
    const seen = async () => {
      const { rows } = await sql(
        "select seen_at::text as seen, seen_at > now() - interval '1 minute' as new from web_schema.sessions",
      );
      return rows[0];
    };
    const before = await seen();
    await here.get("/authors");
    expect(await seen()).toEqual(before);
    await sql("update web_schema.sessions set seen_at = now() - interval '61 minutes'");
    await here.get("/authors");
    await expect.poll(async () => (await seen()).new).toBe(true);
  });

  test("ends with its account", async () => {
    await given(author({ aggregateId: ada }));
    const here = await browserOf(ada);
    await sql("update view_schema.author_records set name = '[erased]', email = '[erased]'");
    expect(await here.isSignedIn()).toBe(false);
    if (accounts) await storeOf(context.database, accounts).clean();
    const { rows } = await sql("select count(*)::integer as n from web_schema.sessions");
    expect(rows[0].n).toBe(0);
  });

  test("is stored without anything that signs in", async () => {
    await given(author({ aggregateId: ada }));
    const here = await browserOf(ada);
    const { rows } = await sql("select row_to_json(sessions)::text as row from web_schema.sessions");
    const token = here.cookie("session") ?? "";
    expect(rows[0].row).not.toContain(token);
    expect(rows[0].row).not.toContain(Buffer.from(token, "base64url").toString("hex"));
  });

  test.each([
    ["garbage", "session=garbage"],
    ["nothing", "session="],
    ["4 KB", `session=${"x".repeat(4_096)}`],
    ["bytes", "session=\u00ff\u00fe"],
    ["SQL", "session='%20or%20true--"],
    ["unknown", `session=${"x".repeat(43)}`],
  ])("is nobody's if its cookie is %s", async (_what, cookie) => {
    await client().get("/").set("Cookie", cookie).expect(200);
    await client().get("/account/sessions").set("Cookie", cookie).set("Accept", "text/html").expect(303);
  });

  test("is nobody's if its cookie is sent twice", async () => {
    await given(author({ aggregateId: ada }));
    const token = await beginSession(context.database, ada);
    const sent = (cookie: string) =>
      client().get("/account/sessions").set("Cookie", cookie).set("Accept", "text/html");
    await sent(`session=${token}`).expect(200);
    await sent(`session=${token}; session=${"x".repeat(43)}`).expect(303);
    await sent(`session=${token}; session=${token}`).expect(303);
  });

  test("has a cookie that no script can read, and that other sites cannot send forms with", async () => {
    const { headers } = await client()
      .post("/authors")
      .type("form")
      .send("name=Kim&email=kim@example.com")
      .expect(303);
    const cookie = [headers["set-cookie"]].flat().find((each) => each?.startsWith("session="));
    expect(cookie).toMatch(
      /^session=[\w-]{43}; Max-Age=7776000; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    expect(headers["cache-control"]).toBe("private, no-store");
  });

  test("has a cookie for this host over https only, where there is https", async () => {
    const { headers } = await secure
      .client()
      .post("/authors")
      .type("form")
      .send("name=Kim&email=k@example.com")
      .expect(303);
    const cookie = [headers["set-cookie"]].flat().find((each) => each?.includes("session="));
    expect(cookie).toMatch(
      /^__Host-session=[\w-]{43}; Max-Age=7776000; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
  });
});

describe("the pages of somebody who is signed in", () => {
  test("are never kept, by nobody, and all pages differ by cookie", async () => {
    const post = newId();
    await given(author({ aggregateId: ada }), draftBy(ada, { aggregateId: post }), publication(post));
    const here = await browserOf(ada);
    for (const path of [
      "/",
      "/authors",
      `/authors/${ada}`,
      `/posts/${post}`,
      `/posts/${post}/history`,
      "/account/sessions",
      "/nothing",
    ]) {
      const { headers } = await here.get(path);
      expect(headers, path).toMatchObject({
        "cache-control": "private, no-store",
        vary: expect.stringContaining("Cookie"),
      });
      expect(headers, path).not.toHaveProperty("etag");
    }
    const { headers } = await get("/").expect(200);
    expect(headers).toMatchObject({ "cache-control": "no-cache", vary: expect.stringContaining("Cookie") });
  });

  test("are not kept for anybody else, though the pages of others are", async () => {
    await given(author({ aggregateId: ada, name: "Ada" }));
    const texts: Record<string, string[]> = { mine: [], theirs: [] };
    for (let times = 0; times < 3; times += 1) {
      await signedInAs(ada);
      const mine = await get("/authors");
      expect(mine.headers["cache-control"]).toBe("private, no-store");
      await signedInAs(undefined);
      const theirs = await get("/authors");
      expect(theirs.headers).toMatchObject({ "cache-control": "no-cache", etag: expect.any(String) });
      texts["mine"]?.push(mine.text);
      texts["theirs"]?.push(theirs.text);
    }
    for (const each of Object.values(texts)) expect(new Set(each).size).toBe(1);
    expect(texts["mine"]?.[0]).toContain('action="/sign-out"');
    expect(texts["theirs"]?.[0]).not.toContain('action="/sign-out"');
  });
});

describe("without a session", () => {
  test("nothing is taken, not even what is stored nowhere", async () => {
    await given(author({ aggregateId: ada }));
    const here = new Browser(client());
    for (const intent of ["preview", "publish", ""])
      await here.send(`/authors/${ada}/posts`, { title: "a", content: "b", intent }).expect(303);
  });

  test("a program gets 401 as data, and nothing is stored", async () => {
    await given(author({ aggregateId: ada }));
    const sent = await client()
      .post(`/authors/${ada}/posts`)
      .set("Accept", "application/json")
      .type("form")
      .send("title=a&content=b");
    expect(sent.status).toBe(401);
    expect(sent.headers["content-type"]).toContain("application/problem+json");
    expect(JSON.parse(sent.text)).toMatchObject({ status: 401, title: "Please sign in first" });
    await client().get("/account/sessions").set("Accept", "application/json").expect(401);
    const { rows } = await sql("select count(*)::integer as n from web_schema.kept_forms");
    expect(rows[0].n).toBe(0);
  });

  test("a page that needs one leads to sign in, and back", async () => {
    const { headers } = await get("/account/sessions").expect(303);
    expect(headers["location"]).toBe("/sign-in?return_to=%2Faccount%2Fsessions");
    expect(headers["cache-control"]).toBe("private, no-store");
  });
});
