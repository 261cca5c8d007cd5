import { describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { author } from "../support/people.ts";
import { body, hiddenField, textOf, useWeb } from "../support/web.ts";

const { given, get, send, client, newEvents } = useWeb();
const ada = { name: "Ada Lovelace", email: "ada@example.com" };

describe("signing up", () => {
  test("leads from an empty blog to the page of the new author, with a message that is shown once", async () => {
    expect((await get("/")).text).toContain('href="/authors/new"');
    const form = await get("/authors/new").expect(200);
    const browser = client();
    const filled = body({ ...ada, commandId: hiddenField(form.text, "commandId") });
    const sent = await browser.post("/authors").type("form").send(filled).expect(303);
    const path = String(sent.headers["location"]);
    expect(path).toMatch(/^\/authors\/[0-9a-f-]{36}$/);
    expect(await newEvents()).toEqual(["AuthorAdded", "AuthorNameSet", "AuthorEmailSet"]);

    const page = await browser.get(path).expect(200);
    expect(page.text).toContain("Account created");
    expect(page.text).toContain("Ada Lovelace");
    expect(String(page.headers["set-cookie"])).toMatch(/flash=;/);
    expect((await browser.get(path)).text).not.toContain("Account created");
    expect((await get(path)).text).not.toContain("Account created");
  });

  test.each([
    ["nothing", {}, "Name can't be blank", "E-mail can't be blank"],
    ["spaces", { name: "  ", email: " " }, "Name can't be blank", "E-mail can't be blank"],
    ["too long a name", { ...ada, name: "a".repeat(101) }, "Name is too long (at most 100 characters)"],
    ["no e-mail address", { ...ada, email: "ada at home" }, "E-mail is not an e-mail address"],
    [
      "too long an e-mail",
      {
        ...ada,
        email: `${"a".repeat(64)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.${"e".repeat(60)}.com`,
      },
      "E-mail is not an e-mail address",
    ],
    ["control characters", { ...ada, name: "A\u0007da" }, "Name contains characters that cannot be stored"],
    ["NUL", { ...ada, name: "A\0da" }, "Name contains characters that cannot be stored"],
    ["marks of direction", { ...ada, name: "A\u202Eda" }, "Name contains invisible characters"],
    ["zero width in an e-mail", { ...ada, email: "a\u200Bda@example.com" }, "E-mail"],
    ["a field twice", { ...ada, name: ["Ada", "Eve"] }, "Name was sent more than once"],
  ])(
    "is refused with %s: 422, the form again, a message at each field",
    async (_what, fields, ...messages) => {
      const answer = await send("/authors", fields);
      expect(answer.status).toBe(422);
      for (const message of messages) expect(textOf(answer.text)).toContain(message);
      expect(answer.text).toMatch(/<section class="problems" role="alert" tabindex="-1" autofocus/);
      expect(answer.text).toContain('aria-invalid="true"');
      expect(await newEvents()).toEqual([]);
    },
  );

  test("keeps what was typed, escaped, and points from the message to the field", async () => {
    const { text } = await send("/authors", { name: 'A"><b>da', email: "nowhere" }).expect(422);
    expect(text).toContain('value="A&#34;&gt;&lt;b&gt;da"');
    expect(text).toContain('value="nowhere"');
    expect(text).toContain('href="#email"');
    expect(text).toContain('aria-describedby="email-error email-hint"');
  });

  test("takes an e-mail address once, however it is spelled: 422 with a message at the field", async () => {
    await given(author({ email: "ada@example.com" }));
    const answer = await send("/authors", { name: "Another Ada", email: "ADA@example.COM" }).expect(422);
    expect(textOf(answer.text)).toContain("E-mail is already registered, please choose another");
    expect(answer.text).toContain('value="Another Ada"');
    expect(await newEvents()).toEqual([]);
  });

  test("sent twice, also at once, leads to one author and to the same page", async () => {
    const form = { ...ada, commandId: newId() };
    const [first, ...others] = await Promise.all([1, 2, 3, 4].map(() => send("/authors", form)));
    const again = await send("/authors", form);
    for (const answer of [...others, again]) {
      expect(answer.status).toBe(303);
      expect(answer.headers["location"]).toBe(first?.headers["location"]);
    }
    expect(await newEvents()).toHaveLength(3);
  });

  test("sent again by a browser that it has signed in, as by going back, leads to the same page", async () => {
    const browser = client();
    const sendForm = () => browser.post("/authors").type("form").set("Accept", "text/html").send(body(form));
    const form = { ...ada, commandId: newId() };
    const first = await sendForm().expect(303);
    const again = await sendForm().expect(303);
    expect(again.headers["location"]).toBe(first.headers["location"]);
    expect(await newEvents()).toHaveLength(3);
    expect((await browser.get("/").expect(200)).text).toContain("Ada Lovelace");
  });

  test("with a form that was sent before, but says something else now: 409, kept, and fit to be sent again", async () => {
    const commandId = newId();
    await send("/authors", { ...ada, commandId }).expect(303);
    const answer = await send("/authors", { name: "Grace", email: "grace@example.com", commandId }).expect(
      409,
    );
    expect(answer.text).toContain('value="Grace"');
    expect(textOf(answer.text)).toContain("You sent this form before");
    expect(await newEvents()).toHaveLength(3);
    const fresh = hiddenField(answer.text, "commandId");
    await send("/authors", { name: "Grace", email: "grace@example.com", commandId: fresh }).expect(303);
    expect(await newEvents()).toHaveLength(3);
  });

  test.each([["not-an-id"], ["0190F8A0-0000-7000-8000-000000000000"], [["a", "b"]]])(
    "with a command id that is none (%s): 422, what was typed is kept, and the next try works",
    async (commandId) => {
      const answer = await send("/authors", { ...ada, commandId }).expect(422);
      expect(answer.text).toContain('value="Ada Lovelace"');
      expect(await newEvents()).toEqual([]);
      await send("/authors", { ...ada, commandId: hiddenField(answer.text, "commandId") }).expect(303);
    },
  );

  test("ignores fields that are not asked for", async () => {
    const strange = {
      aggregateId: newId(),
      aggregate_id: newId(),
      sequence_number: "7",
      userId: newId(),
      createdAt: "2001-01-01",
      __proto__x: "1",
      ["__proto__"]: "polluted",
      constructor: "x",
      hasOwnProperty: "x",
      "settings[view options][client]": "1",
      client: "1",
      escapeFunction: "1",
      cache: "",
      filename: "/etc/passwd",
    };
    const sent = await send("/authors", { ...ada, ...strange }).expect(303);
    expect(sent.headers["location"]).not.toContain(strange.aggregateId);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const refused = await send("/authors?client=1&_locals=x", { ...strange, name: "" }).expect(422);
    expect(refused.text).toContain("</html>");
  });

  test("answers a program with problem+json, errors by field", async () => {
    const answer = await client()
      .post("/authors")
      .type("form")
      .set("Accept", "application/problem+json")
      .send("name=&email=x")
      .expect(422);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(answer.text)).toEqual({
      type: "about:blank",
      status: 422,
      title: "Some of it is not right",
      detail: expect.any(String),
      errors: { name: ["can't be blank"], email: ["is not an e-mail address"] },
      codes: { name: [{ code: "blank" }], email: [{ code: "not_an_email" }] },
    });
  });
});
