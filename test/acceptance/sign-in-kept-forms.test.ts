import { describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { author, draftBy } from "../support/people.ts";
import { beginSession } from "../support/sessions.ts";
import { Browser, linkIn } from "../support/sign-in.ts";
import { fieldsIn, textOf, useWeb } from "../support/web.ts";

const { given, client, context, mails, newEvents } = useWeb();
const sql = (text: string, values: readonly string[] = []) => context.database.write.raw(text, values);
const [ada, post] = [newId(), newId()];
const email = "ada@example.com";
const browser = () => new Browser(client());
const count = async () => (await sql("select count(*)::integer as n from web_schema.kept_forms")).rows[0].n;

async function writer(): Promise<Browser> {
  const here = browser();
  here.agent.jar.setCookie(`session=${await beginSession(context.database, ada)}`, "127.0.0.1", "/");
  return here;
}

/** Signs in by mail from this page on, and returns where it leads. */
async function signIn(here: Browser, location: string | undefined): Promise<string> {
  const page = await here.get(location ?? "").expect(200);
  await here.send("/sign-in", { ...fieldsIn(page.text), email }).expect(303);
  const { headers } = await here.press(linkIn(mails.at(-1)));
  return headers["location"] ?? "";
}

describe("nothing that was typed is lost", () => {
  test("when a session has ended: the form comes back filled, and is stored once", async () => {
    await given(author({ aggregateId: ada, email }));
    const here = await writer();
    const fields = {
      ...fieldsIn((await here.get(`/authors/${ada}`)).text),
      title: "On moss",
      content: "It is <green> & 100% wet. ñ",
    };
    await sql("delete from web_schema.sessions");

    const sent = await here.send(`/authors/${ada}/posts`, fields).expect(303);
    expect(await newEvents()).toEqual([]);
    const path = await signIn(here, sent.headers["location"]);
    const back = await here.get(path).expect(200);
    expect(textOf(back.text)).toContain("Here is what you typed: nothing of it was stored yet");
    expect(fieldsIn(back.text)).toMatchObject(fields);
    await here.get(path).expect(200); // a reload shows it again

    const stored = await here.send(`/authors/${ada}/posts`, fieldsIn(back.text)).expect(303);
    const again = await here.send(`/authors/${ada}/posts`, fieldsIn(back.text)).expect(303);
    expect(again.headers["location"]).toBe(stored.headers["location"]);
    expect((await newEvents()).filter((type) => type === "PostAdded")).toHaveLength(1);
    expect(await count()).toBe(0);
    const gone = await here.get(path).expect(303);
    expect(gone.headers["location"]).toBe("/");
  });

  test("in two tabs at the same time", async () => {
    await given(author({ aggregateId: ada, email }), draftBy(ada, { aggregateId: post }));
    const here = await writer();
    const edit = fieldsIn((await here.get(`/posts/${post}/edit`)).text);
    await sql("delete from web_schema.sessions");
    const one = await here.send(`/authors/${ada}/posts`, { title: "One", content: "1" }).expect(303);
    const two = await here.send(`/posts/${post}`, { ...edit, title: "Two" }).expect(303);
    const first = await here.get(await signIn(here, one.headers["location"])).expect(200);
    expect(fieldsIn(first.text)).toMatchObject({ title: "One", content: "1" });
    const second = await here.get(two.headers["location"] ?? "").expect(303); // signed in already
    expect(fieldsIn((await here.get(second.headers["location"] ?? "")).text)).toMatchObject({
      ...edit,
      title: "Two",
    });
  });

  test("if it cannot be kept: the page shows it", async () => {
    await given(author({ aggregateId: ada, email }));
    const { text } = await browser()
      .send(`/authors/${ada}/posts?x=${"y".repeat(2_000)}`, { title: "On moss", content: "Green" })
      .expect(401);
    expect(textOf(text)).toContain("Please sign in first");
    expect(text).toContain("On moss");
  });
});

describe("a kept form", () => {
  test("cannot be read by whoever reads the database, nor in another browser", async () => {
    await given(author({ aggregateId: ada, email }));
    const here = browser();
    const { headers } = await here
      .send(`/authors/${ada}/posts`, { title: "Unmistakable", content: "Text" })
      .expect(303);
    const { rows } = await sql("select id, sealed from web_schema.kept_forms");
    expect(rows[0].sealed.toString("latin1")).not.toContain("Unmistakable");
    const path = new URL(headers["location"] ?? "", "http://x").searchParams.get("return_to") ?? "";
    const other = await writer();
    expect((await other.get(path).expect(303)).headers["location"]).toBe("/");
    await here.get(path).expect(303); // not before signing in
  });

  test("ends after a day, and when its browser signs out", async () => {
    await given(author({ aggregateId: ada, email }));
    const here = browser();
    const sent = await here.send(`/authors/${ada}/posts`, { title: "On moss", content: "Text" }).expect(303);
    const path = await signIn(here, sent.headers["location"]);
    await sql("update web_schema.kept_forms set expires_at = now()");
    await here.get(path).expect(303);
    await sql("update web_schema.kept_forms set expires_at = now() + interval '1 hour'");
    await here.get(path).expect(200);
    await here.send("/sign-out").expect(303);
    here.agent.jar.setCookie(`session=${await beginSession(context.database, ada)}`, "127.0.0.1", "/");
    await here.get(path).expect(303);
  });

  test("is not one if there is only a button: it leads back to its page", async () => {
    await given(author({ aggregateId: ada, email }), draftBy(ada, { aggregateId: post }));
    const here = browser();
    const sent = await here
      .send(`/posts/${post}/publication`)
      .set("Referer", `http://localhost/posts/${post}`)
      .expect(303);
    expect(sent.headers["location"]).toBe(`/sign-in?return_to=${encodeURIComponent(`/posts/${post}`)}`);
    const elsewhere = await here
      .send(`/posts/${post}/publication`)
      .set("Referer", "http://evil.example/x")
      .expect(303);
    expect(elsewhere.headers["location"]).toBe("/sign-in");
    expect(await count()).toBe(0);
  });

  test("with a forged or cut cookie is none", async () => {
    const session = await (async () => {
      await given(author({ aggregateId: ada, email }));
      return beginSession(context.database, ada);
    })();
    for (const cookie of [
      "kept-forms=x",
      `kept-forms=${"x".repeat(60)}.${"y".repeat(43)}`,
      "kept-forms=",
      "kept-forms=a.b.c",
    ]) {
      await client()
        .get(`/kept-form?path=/authors/${ada}/posts`)
        .set("Cookie", `session=${session}; ${cookie}`)
        .expect(303);
    }
  });
});
