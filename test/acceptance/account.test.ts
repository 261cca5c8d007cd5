import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { author, draftBy, publication } from "../support/people.ts";
import { body, textOf, useWeb } from "../support/web.ts";

const { context, given, signedInAs, get, send, client, newEvents, mails } = useWeb();
const ben = newId();

beforeEach(async () => {
  await given(author({ aggregateId: ben, name: "Ben", email: "ben@example.com" }));
  await signedInAs(ben);
});

/** The path of the link in the last mail. */
const mailedPath = () => /https?:\/\/[^/\s]+(\/\S+)/.exec(mails.at(-1)?.text ?? "")?.[1] ?? "";
const addressOf = async () => (await context.blog.queries.ask({ type: "AuthorById", authorId: ben }))?.email;
const laterThan = (time: string) =>
  context.database.write.raw(`update web_schema.sessions set created_at = created_at - interval '${time}'`);

describe("one's account", () => {
  test("says what is known about somebody, and leads to what they can do", async () => {
    const { text } = await get("/account").expect(200);
    expect(textOf(text)).toContain("Name Ben Change the name");
    expect(textOf(text)).toContain("E-mail address ben@example.com Not confirmed Change the address");
    for (const path of ["/account/name", "/account/email", "/account/sessions", "/account/erasure"]) {
      expect(text).toContain(`href="${path}"`);
      await get(path).expect(200);
    }
  });

  test("has another name at once, in the header, on the author's page and under their posts", async () => {
    const postId = newId();
    await given(draftBy(ben, { aggregateId: postId }), publication(postId));
    expect((await get("/account/name").expect(200)).text).toContain('value="Ben"');
    const sent = await send("/account/name", { name: "Benjamin" }).expect(303);
    expect(sent.headers["location"]).toBe("/account");
    expect(await newEvents()).toEqual(["AuthorNameSet"]);
    for (const path of ["/account", `/authors/${ben}`, `/posts/${postId}`, "/", "/feed.xml"])
      expect((await get(path).expect(200)).text, path).toContain("Benjamin");
  });

  test("keeps its name if the new one is none: 422, with a message at the field", async () => {
    const { text } = await send("/account/name", { name: " " }).expect(422);
    expect(textOf(text)).toContain("Name can't be blank");
    expect(await newEvents()).toEqual([]);
  });

  test("is changed by nobody else: the id of another account in the form is ignored", async () => {
    const eva = newId();
    await given(author({ aggregateId: eva, name: "Eva", email: "eva@example.com" }));
    await send("/account/name", { name: "Mine", aggregateId: eva, userId: eva, id: eva }).expect(303);
    expect((await get(`/authors/${eva}`)).text).toContain("Eva");
    expect((await get(`/authors/${ben}`)).text).toContain("Mine");
  });
});

describe("the history of an account", () => {
  test("says what changed and when, to its owner alone, and nothing is left of it when the account is erased", async () => {
    await send("/account/name", { name: "Benjamin" }).expect(303);
    const { text } = await get("/account/history").expect(200);
    expect([...text.matchAll(/<h2>([^<]*)/g)].map(([, heading]) => heading)).toEqual([
      "Name changed",
      "Address given",
      "Name given",
      "Account created",
    ]);
    expect(textOf(text)).toContain("ben@example.com");
    const eva = newId();
    await given(author({ aggregateId: eva, name: "Eva", email: "eva@example.com" }));
    await signedInAs(eva);
    expect((await get("/account/history").expect(200)).text).not.toMatch(/ben/i);
    await signedInAs(undefined);
    await client().get("/account/history").set("Accept", "application/json").expect(401);
  });
});

describe("an address", () => {
  test("that is not confirmed gets the link again, and counts as confirmed when it was used", async () => {
    await send("/account/confirmation").expect(303);
    expect(mails.map(({ to }) => to)).toEqual(["ben@example.com"]);
    await send(mailedPath()).expect(303);
    expect(await newEvents()).toEqual(["AuthorEmailConfirmed"]);
    await signedInAs(ben);
    expect(textOf((await get("/account")).text)).toContain("ben@example.com Confirmed");
    await send("/account/confirmation").expect(303);
    expect(mails).toHaveLength(1);
  });

  test("is another one when the link to the new one was opened, and the old one is told", async () => {
    const other = client();
    await signedInAs(ben);
    await send("/account/email", { email: "new@example.com" }).expect(303);
    expect(mails.map(({ to }) => to)).toEqual(["new@example.com"]);
    expect([await addressOf(), await newEvents()]).toEqual(["ben@example.com", []]);

    const link = mailedPath();
    expect(link).toMatch(/^\/account\/email\/[\w-]{22}$/);
    for (let time = 0; time < 3; time += 1) {
      expect((await get(link).expect(200)).text).toContain("new@example.com");
      await client().head(link).expect(200);
    }
    expect(await newEvents()).toEqual([]);
    const used = await send(link).expect(303);
    expect(used.headers["location"]).toBe("/account");
    expect(await newEvents()).toEqual(["AuthorEmailSet", "AuthorEmailConfirmed"]);
    expect(await addressOf()).toBe("new@example.com");
    expect(mails.map(({ to }) => to)).toEqual(["new@example.com", "ben@example.com"]);
    expect(textOf((await get("/account").expect(200)).text)).toContain("new@example.com Confirmed");
    await other.get("/account").set("Accept", "application/json").expect(401);

    await send(link).expect(303);
    expect(textOf((await get(link).expect(404)).text)).toContain("This link does not work");
    expect(await newEvents()).toEqual([]);
  });

  test("is not changed by the link of somebody else, nor by whoever reads the mail without being signed in", async () => {
    const eva = newId();
    await given(author({ aggregateId: eva, name: "Eva", email: "eva@example.com" }));
    await send("/account/email", { email: "new@example.com" }).expect(303);
    await signedInAs(eva);
    await get(mailedPath()).expect(404);
    await send(mailedPath()).expect(303);
    await signedInAs(undefined);
    const stranger = await get(mailedPath()).expect(303);
    expect(stranger.headers["location"]).toMatch(/^\/sign-in/);
    await client().post(mailedPath()).set("Accept", "application/json").expect(401);
    expect([await addressOf(), await newEvents()]).toEqual(["ben@example.com", []]);
  });

  test("that somebody else took in the meantime stays theirs, and the person is told", async () => {
    await send("/account/email", { email: "new@example.com" }).expect(303);
    await given(author({ email: "new@example.com" }));
    const browser = client();
    await browser.post(mailedPath()).expect(303);
    expect(textOf((await browser.get("/account")).text)).toContain("This address belongs to another account");
    expect(await addressOf()).toBe("ben@example.com");
  });

  test.each([
    ["none", "New e-mail address is not an e-mail address"],
    ["BEN@example.com", "New e-mail address is your address already"],
    ["", "New e-mail address"],
  ])("%j is refused with a message at the field, and nobody gets a mail", async (email, message) => {
    const { text } = await send("/account/email", { email }).expect(422);
    expect(textOf(text)).toContain(message);
    expect(mails).toEqual([]);
  });

  test("needs a sign-in of the last 15 minutes, and what was typed is kept meanwhile", async () => {
    await laterThan("16 minutes");
    for (const answer of [
      await get("/account/email"),
      await send("/account/email", { email: "new@example.com" }),
    ]) {
      expect(answer.status).toBe(303);
      expect(answer.headers["location"]).toMatch(/^\/sign-in\?/);
    }
    expect(mails).toEqual([]);
    await get("/account").expect(200);
    await send("/account/name", { name: "Benjamin" }).expect(303);
  });

  test("that cannot be reached is told, and can be tried again", async () => {
    const { MailNotSent } = await import("../../src/mail/mail.ts");
    const { accounts } = await import("../../src/accounts.ts");
    const { storeOf } = await import("../support/sessions.ts");
    if (!accounts) throw new TypeError("Nobody can sign in.");
    const mailer = { send: () => Promise.reject(new MailNotSent()) };
    const web = client({ signIn: { accounts, mailer, store: storeOf(context.database, accounts) } });
    const form = body({ email: "new@example.com" });
    const { text } = await web
      .post("/account/email")
      .type("form")
      .set("Accept", "text/html")
      .send(form)
      .expect(503);
    expect(text).toContain("new@example.com");
    const signUp = await web
      .post("/authors")
      .type("form")
      .send(body({ name: "Ada", email: "ada@example.com" }));
    expect(signUp.status).toBe(303);
    expect(textOf((await web.get(String(signUp.headers["location"]))).text)).toContain("could not be sent");
  });
});
