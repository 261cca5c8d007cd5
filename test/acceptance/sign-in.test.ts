import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { newId } from "#sequent/operations";
import { accounts } from "../../src/accounts.ts";
import { type Mail, MailNotSent } from "../../src/mail/mail.ts";
import { author } from "../support/people.ts";
import { beginSession, storeOf } from "../support/sessions.ts";
import { Browser, linkIn } from "../support/sign-in.ts";
import { fieldsIn, textOf, useWeb } from "../support/web.ts";

const { given, client, context, mails, newEvents } = useWeb();
const ada = { name: "Ada Lovelace", email: "ada@example.com" };
const [adaId, benId] = [newId(), newId()];
const browser = (userAgent?: string) => new Browser(client(), userAgent);
const count = async (table: string): Promise<number> => {
  const { rows } = await context.database.write.raw(`select count(*)::integer as n from web_schema.${table}`);
  return rows[0].n;
};
const sql = (text: string, values: readonly string[] = []) => context.database.write.raw(text, values);

async function askedFor(here: Browser, email = ada.email, returnTo = ""): Promise<string> {
  await here.send("/sign-in", { email, return_to: returnTo }).expect(303);
  return linkIn(mails.at(-1));
}

describe("a person", () => {
  test("signs up, leaves, and comes back by mail, to the page where they wanted to go", async () => {
    const here = browser();
    const form = await here.get("/authors/new").expect(200);
    const { headers } = await here.send("/authors", { ...fieldsIn(form.text), ...ada }).expect(303);
    expect(await here.isSignedIn()).toBe(true);
    expect(mails).toMatchObject([{ to: ada.email, subject: expect.stringContaining("onfirm") }]);

    await here.send("/sign-out").expect(303);
    expect(await here.isSignedIn()).toBe(false);
    expect(await count("sessions")).toBe(0);

    const sessions = await here.get("/account/sessions").expect(303);
    const signIn = await here.get(sessions.headers["location"] ?? "").expect(200);
    const sent = await here
      .send("/sign-in", { ...fieldsIn(signIn.text), email: "Ada@Example.com" })
      .expect(303);
    const look = await here.get(sent.headers["location"] ?? "").expect(200);
    expect(textOf(look.text)).toContain("A mail is on its way to Ada@example.com.");
    expect(mails.at(-1)).toMatchObject({ to: ada.email });

    const link = linkIn(mails.at(-1));
    const page = await here.get(link).expect(200);
    expect(textOf(page.text)).toContain("You sign in as ada@example.com");
    expect(textOf(page.text)).not.toContain("not asked for");
    expect(await here.isSignedIn()).toBe(false);
    const back = await here.send(link, fieldsIn(page.text)).expect(303);
    expect(back.headers["location"]).toBe("/account/sessions");
    const list = await here.get("/account/sessions").expect(200);
    expect(textOf(list.text)).toContain("You are signed in as Ada Lovelace.");
    expect(headers["location"]).toMatch(/^\/authors\//);
    expect(await newEvents()).toEqual([
      "AuthorAdded",
      "AuthorNameSet",
      "AuthorEmailSet",
      "AuthorEmailConfirmed",
    ]);
  });

  test("who is signed in is not asked to sign in", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const here = browser();
    await here.press(await askedFor(here));
    const answer = await here.get("/sign-in?return_to=/authors").expect(303);
    expect(answer.headers["location"]).toBe("/authors");
  });

  test("gets a new token at each sign-in, and the old one is worth nothing", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const here = browser();
    await here.press(await askedFor(here));
    const old = here.cookie("session");
    const link = await askedFor(here);
    await here.press(link);
    expect(here.cookie("session")).not.toBe(old);
    expect(await count("sessions")).toBe(1);
    await client()
      .get("/account/sessions")
      .set("Cookie", `session=${old}`)
      .set("Accept", "text/html")
      .expect(303);
  });
});

describe("a link", () => {
  test("changes nothing when it is only looked at, however often, as programs that check mails do", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const link = await askedFor(browser());
    const scanner = browser();
    for (let times = 0; times < 50; times += 1) await scanner.get(link).expect(200);
    for (let times = 0; times < 50; times += 1) await scanner.agent.head(link).expect(200);
    expect(await count("sessions")).toBe(0);
    expect(scanner.cookie("session")).toBeUndefined();
    const { headers } = await browser().press(link);
    expect(headers["location"]).toBe("/");
  });

  test("works once", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const link = await askedFor(browser());
    await browser().press(link);
    const other = browser();
    const page = await other.get(link).expect(404);
    expect(textOf(page.text)).toContain("This link does not work any more");
    expect(page.text).toContain('action="/sign-in"');
    await other.send(link, { attempt: "x".repeat(43) }).expect(404);
    expect(await other.isSignedIn()).toBe(false);
    expect(await count("sessions")).toBe(1);
  });

  test("leads on if it was used here already, and its button may be pressed twice", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const here = browser();
    const link = await askedFor(here, ada.email, "/authors");
    const fields = fieldsIn((await here.get(link)).text);
    const presses = await Promise.all([here.send(link, fields), here.send(link, fields)]);
    expect(presses.map(({ status, headers }) => [status, headers["location"]])).toEqual([
      [303, "/authors"],
      [303, "/authors"],
    ]);
    expect(await count("sessions")).toBe(1);
    expect(await here.isSignedIn()).toBe(true);
    const { headers } = await here.get(link).expect(303);
    expect(headers["location"]).toBe("/");
  });

  test("has expired after 15 minutes", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const here = browser();
    const link = await askedFor(here);
    await sql("update web_schema.sign_in_links set expires_at = expires_at - interval '15 minutes'");
    const page = await here.get(link).expect(410);
    expect(textOf(page.text)).toContain("It was too old");
    await here.send(link).expect(410);
    expect(await here.isSignedIn()).toBe(false);
    await client().get(link).set("Accept", "application/problem+json").expect(410);
  });

  test("that was not asked for in this browser warns", async () => {
    await given(author({ aggregateId: adaId, ...ada }), author({ aggregateId: benId }));
    const link = await askedFor(browser());
    const other = browser();
    await other.press(await askedFor(other, "ben@example.com"));
    const page = textOf((await other.get(link).expect(200)).text);
    expect(page).toContain(
      "This link was not asked for in this browser. Go on only if this is your address.",
    );
    expect(page).toContain("You are signed in as Ben here. That ends.");
    const { headers } = await other.press(link);
    expect(headers["location"]).toBe("/");
    expect(await count("sessions")).toBe(1);
  });

  test.each([
    ["as long", "x".repeat(22)],
    ["short", "x"],
    ["far too long", "x".repeat(3_000)],
    ["NUL", "%00"],
    ["a way up", "..%2f.."],
    ["SQL", "'; drop table web_schema.sessions; --"],
  ])("that never was one is refused: %s", async (_what, token) => {
    const path = `/sign-in/${token}`;
    for (const answer of [await browser().get(path), await browser().send(path)]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
  });

  test("ends when the address of the account changes", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const link = await askedFor(browser());
    await sql("update view_schema.author_records set email = 'new@example.com'");
    await browser().get(link).expect(404);
    await browser().send(link).expect(404);
    expect(await count("sessions")).toBe(0);
  });
});

describe("the answer to an address", () => {
  test("is the same for a known and an unknown one, and so is the work", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const statements = vi.spyOn(pg.Client.prototype, "query");
    const asks = async (email: string) => {
      const here = browser();
      await here.send("/sign-in", { email: "warm@example.com" });
      statements.mockClear();
      const { status, headers, text } = await here.send("/sign-in", { email, return_to: "/authors" });
      const sent = statements.mock.calls.length;
      const page = await here.get(headers["location"] ?? "");
      const fixed = ({
        "set-cookie": cookies,
        date: _,
        "x-request-id": __,
        etag: ___,
        ...others
      }: Record<string, unknown>) => ({
        ...others,
        cookies: [cookies].flat().map((cookie) =>
          String(cookie)
            .replace(/=[^;]+/, "=")
            .replace(/Expires=[^;]+/, ""),
        ),
      });
      return {
        status,
        text,
        sent,
        headers: fixed(headers),
        page: page.text.replaceAll(email, "…"),
      };
    };
    const unknown = await asks("abc@example.com");
    const known = await asks(ada.email);
    expect(known).toEqual(unknown);
    expect(known.sent).toBe(1);
    expect(mails.map(({ to, subject }) => [to, subject]).filter(([to]) => to !== "warm@example.com")).toEqual(
      [
        ["abc@example.com", expect.not.stringMatching(/^Sign in to/)],
        [ada.email, expect.stringMatching(/^Sign in to/)],
      ],
    );
    const { rows } = await sql("select account_id is null as unknown, email from web_schema.sign_in_links");
    expect(
      rows.filter((row: { unknown: boolean; email: string | null }) => row.unknown && row.email),
    ).toEqual([]);
  });

  test("is the form again if the mail could not be sent, for known and unknown ones", async () => {
    await given(author({ aggregateId: adaId, ...ada }));
    const mailer = {
      async send(_mail: Mail): Promise<void> {
        throw new MailNotSent();
      },
    };
    if (!accounts) throw new Error("nobody can sign in");
    const signIn = { accounts, mailer, store: storeOf(context.database, accounts) };
    const answers = [];
    for (const email of [ada.email, "abc@example.com"]) {
      const here = new Browser(client({ signIn }));
      const { text } = await here.send("/sign-in", { email, return_to: "/authors" }).expect(503);
      expect(textOf(text)).toContain("could not be sent");
      expect(text).toContain(`value="${email}"`);
      expect(text).toContain('name="return_to" value="/authors"');
      answers.push(text.replaceAll(email, "…").replace(/name="commandId" value="[^"]*"/, ""));
    }
    expect(answers[0]).toBe(answers[1]);

    const here = new Browser(client({ signIn }));
    const { headers } = await here.send("/authors", { name: "Kim", email: "kim@example.com" }).expect(303);
    expect(textOf((await here.get(headers["location"] ?? "")).text)).toMatch(/could not be sent/);
    expect(await here.isSignedIn()).toBe(true);
  });

  test.each([
    ["nothing", ""],
    ["two addresses", "ada@example.com, ben@example.com"],
    ["a line break", "ada@example.com\r\nBcc: eve@example.com"],
    ["quotation marks", '"ada"@example.com'],
  ])("is 422 for %s", async (_what, email) => {
    await browser().send("/sign-in", { email }).expect(422);
    expect(mails).toEqual([]);
  });
});

test.each([
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example/", "/"],
  ["/\t/evil.example", "/"],
  ["/.//evil.example", "/"],
  ["/..//evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/authors?after=x", "/authors?after=x"],
])("a link leads nowhere else: %s", async (returnTo, expected) => {
  await given(author({ aggregateId: adaId, ...ada }));
  const here = browser();
  const { headers } = await here.press(await askedFor(here, ada.email, returnTo));
  expect(headers["location"]).toBe(expected);
  const onward = await here.get(`/sign-in?return_to=${encodeURIComponent(returnTo)}`).expect(303);
  expect(onward.headers["location"]).toBe(expected);
});

describe("somebody who signed up with an address that is not theirs", () => {
  test("is signed out as soon as the owner uses a link, and the address counts as confirmed", async () => {
    const stranger = browser();
    await stranger.send("/authors", ada).expect(303);
    expect(await stranger.isSignedIn()).toBe(true);
    const owner = browser();
    const { text } = await owner.get(linkIn(mails[0])).expect(200);
    expect(textOf(text)).toContain("not asked for in this browser");
    await owner.press(linkIn(mails[0]));
    expect(await owner.isSignedIn()).toBe(true);
    expect(await stranger.isSignedIn()).toBe(false);
    expect(await newEvents()).toContain("AuthorEmailConfirmed");
  });

  test("cannot sign in later by sending the form again", async () => {
    const fields = { ...ada, commandId: newId() };
    await browser().send("/authors", fields).expect(303);
    const twice = browser();
    await twice.send("/authors", fields).expect(303);
    expect(await twice.isSignedIn()).toBe(true); // a double click
    const stored = "update sequent_schema.commands set stored_at = stored_at - interval '2 minutes'";
    await sql(
      `alter table sequent_schema.commands disable trigger user; ${stored}; alter table sequent_schema.commands enable trigger user`,
    );
    const later = browser();
    await later.send("/authors", fields).expect(303);
    expect(await later.isSignedIn()).toBe(false);
  });
});

test("a session of somebody else is never made by a form", async () => {
  await given(author({ aggregateId: adaId, ...ada }));
  const token = await beginSession(context.database, adaId);
  const here = browser();
  await here.send("/sign-in", { email: ada.email, account_id: adaId, session: token }).expect(303);
  await here.send("/authors", { ...ada, email: "x@example.com", aggregateId: adaId }).expect(303);
  const { rows } = await sql("select account_id from web_schema.sessions where not is_proven");
  expect(rows.map((row: { account_id: string }) => row.account_id)).not.toContain(adaId);
});
