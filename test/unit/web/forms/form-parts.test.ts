import request from "supertest";
import { describe, expect, test } from "vitest";
import { AggregateClosed, AggregateKeyNotUnique, AggregateNotFound } from "#sequent";
import { type Messages, newId, StoreUnavailable } from "#sequent/operations";
import type { RateLimitStore } from "../../../../src/web/guards/rate-limit.ts";
import { claims, SendClaim } from "../../../fixtures/claims/claims.ts";
import { body, fieldsIn, hiddenField, textOf } from "../../../support/web.ts";

const typed = {
  title: "Trip to Ede & back",
  reason: "A talk.\r\n\r\nAnd a train.",
  email: "ada@example.com",
  password: "correct horse",
  currency: "USD",
  approver: "8",
  travellers: "2",
  budget: "120.50",
  day: "2026-11-20",
  isUrgent: "true",
  "home.street": "Kade 1",
  "home.city": "Ede",
  "lines[0].what": "Train",
  "lines[0].amount": "12.50",
  "lines[1].what": "Lunch",
  "lines[1].amount": "8",
  "tags[0]": "travel",
};
const { password: _, ...shown } = typed;

function send(fields: Parameters<typeof body>[0], app = claims()) {
  return request(app).post("/claims").type("form").set("Accept", "text/html").send(body(fields));
}

const typedIn = (html: string) => {
  const { commandId: _, ...fields } = fieldsIn(html);
  return fields;
};
const focusedIn = (html: string) =>
  [...html.matchAll(/<(?:input|button)[^>]* name="([^"]*)"[^>]* autofocus/g)].map(([, name]) => name);

describe("the parts of a form", () => {
  test("send what its command takes", async () => {
    const commands: SendClaim[] = [];
    await send(typed, claims({ execute: (command) => commands.push(command) })).expect(303);
    const known = { commandId: commands[0]?.commandId, createdAt: commands[0]?.createdAt };
    expect(commands).toEqual([await SendClaim.fromParams(typed, known)]);
    expect(commands[0]).toMatchObject({
      travellers: 2,
      isUrgent: true,
      lines: [{ amount: "12.50" }, { amount: "8" }],
    });
  });

  test("come back as they were typed, except for a password", async () => {
    const { text } = await send({ ...typed, title: " " }).expect(422);
    expect(typedIn(text)).toEqual({ ...shown, title: " ", password: "" });
    expect(text).not.toContain(typed.password);
  });

  test("are blank at first, with one row in each list", async () => {
    const { text } = await request(claims()).get("/claims").expect(200);
    const names = [...Object.keys(typed).filter((name) => !/^lines\[1\]|isUrgent/.test(name))];
    expect(typedIn(text)).toEqual(Object.fromEntries(names.map((name) => [name, ""])));
  });

  test("offer what the page knows", async () => {
    const { text } = await request(claims()).get("/claims").expect(200);
    expect(text).toContain('<option value="8">Ben &amp; Co</option>');
    const refused = await send({ ...typed, title: " " }).expect(422);
    expect(refused.text).toContain('<option value="8" selected>Ben &amp; Co</option>');
  });

  test("have a label each, and show errors and hints at the field", async () => {
    const { text } = await send({ ...typed, title: "", "lines[1].amount": "much" }).expect(422);
    for (const name of Object.keys(typed)) {
      const [, id] = new RegExp(` id="([^"]+)" name="${name.replace(/[[\]]/g, "\\$&")}"`).exec(text) ?? [];
      expect(text).toContain(`<label for="${id}">`);
    }
    expect(text).toMatch(/id="title"[^>]* aria-describedby="title-error title-hint" aria-invalid="true"/);
    expect(text).toMatch(
      /id="lines-1-amount"[^>]* aria-describedby="lines-1-amount-error" aria-invalid="true"/,
    );
    expect(text).toContain('<a href="#lines-1-amount">Expense 2: Amount is not a number</a>');
    expect(text).toContain('<a href="#title">Title can&#39;t be blank</a>');
  });

  test("have their errors above the form, in the order of the fields", async () => {
    const { text } = await send({ "tags[0]": "", "lines[0].amount": "much", "lines[0].what": "" }).expect(
      422,
    );
    const links = [...text.matchAll(/<a href="#([^"]*)">[^<]* (?:is|can)/g)].map(([, id]) => id);
    expect(links).toEqual(
      [
        "title",
        "reason",
        "email",
        "password",
        "currency",
        "approver",
        "travellers",
        "day",
        "home-street",
        "home-city",
      ].concat([...["lines-0-what", "lines-0-amount", "tags-0"]]),
    );
  });

  test("name a row by its place and find its errors, even if rows before it were left out", async () => {
    const { "lines[1].what": _what, "lines[1].amount": _amount, ...rest } = typed;
    const fields = { ...rest, "lines[5].what": "Taxi", "lines[5].amount": "far" };
    const { text } = await send(fields).expect(422);
    expect(text).toContain('<a href="#lines-5-amount">Expense 2: Amount is not a number</a>');
    expect(text).toMatch(/name="lines\[5\]\.amount"[^>]* value="far"[^>]* aria-invalid="true"/);
  });

  test("show an error of a whole list at the list", async () => {
    const fields = Object.fromEntries(Object.entries(typed).filter(([name]) => !name.startsWith("lines")));
    const { text } = await send(fields).expect(422);
    expect(text).toContain('<a href="#lines">Expenses need at least one</a>');
    expect(text).toContain('<fieldset id="lines" tabindex="-1" aria-describedby="lines-error lines-hint">');
  });

  test("are in another language, if it has messages", async () => {
    const messages: Messages = {
      blank: "muss ausgefüllt werden",
      too_small: ({ least }) => `muss mindestens ${least} sein`,
      taken: "gibt es schon",
    };
    const { text } = await send({ ...typed, title: "", travellers: "0" }, claims({ messages })).expect(422);
    expect(textOf(text)).toContain("Title muss ausgefüllt werden");
    expect(textOf(text)).toContain("Travellers muss mindestens 1 sein");
    const execute = () => {
      throw new AggregateKeyNotUnique("claim_email", typed.email);
    };
    const taken = await send(typed, claims({ messages, execute })).expect(422);
    expect(textOf(taken.text)).toContain("E-mail gibt es schon");
  });

  test("a taken key is an error of its field", async () => {
    const execute = () => {
      throw new AggregateKeyNotUnique("claim_email", typed.email);
    };
    const { text } = await send(typed, claims({ execute })).expect(422);
    expect(textOf(text)).toContain("E-mail is already registered, please choose another");
  });

  test("a taken key without a field is an error above the form", async () => {
    const execute = () => {
      throw new AggregateKeyNotUnique("claim_title", typed.title);
    };
    const { text } = await send(typed, claims({ execute })).expect(422);
    expect(textOf(text)).toContain("One of these values is already registered");
    expect(text).toContain('value="Trip to Ede &amp; back"');
  });
});

describe("a reference", () => {
  const reference = { aggregateType: "Project", aggregateId: newId() };
  const refused = (error: Error) =>
    claims({
      execute() {
        throw error;
      },
    });

  test.each([
    ["does not exist", new AggregateNotFound(reference), "does not exist, please choose another"],
    ["is closed", new AggregateClosed(reference), "can no longer be chosen, please choose another"],
  ])("that %s is an error of the field that has it", async (_, error, message) => {
    const sent = { ...typed, "tags[1]": reference.aggregateId.toUpperCase() };
    const { text } = await send(sent, refused(error)).expect(422);
    expect(textOf(text)).toContain(`Tag 2 ${message}`);
    expect(text).toContain('value="Trip to Ede &amp; back"');
  });

  test("in the address that does not exist is a page that does not exist", async () => {
    await send(typed, refused(new AggregateNotFound(reference))).expect(404);
  });
});

describe("the rows of a list", () => {
  test("can be added without JavaScript: nothing is checked or lost, and the new row has the focus", async () => {
    const commands: SendClaim[] = [];
    const app = claims({ execute: (command) => commands.push(command) });
    const commandId = newId();
    const { text } = await send({ ...typed, title: "", commandId, intent: "add:lines" }, app).expect(200);
    expect(typedIn(text)).toEqual({
      ...shown,
      title: "",
      password: "",
      "lines[2].what": "",
      "lines[2].amount": "",
    });
    expect(focusedIn(text)).toEqual(["lines[2].what"]);
    expect(hiddenField(text, "commandId")).toBe(commandId);
    expect(text).not.toContain("aria-invalid");
    expect(commands).toEqual([]);
  });

  test("can be removed; then the next row has the focus, or the one before, or the button that adds one", async () => {
    const remove = async (fields: Record<string, string>, row: string) => {
      const { text } = await send({ ...fields, intent: `remove:${row}` }).expect(200);
      return { fields: typedIn(text), focused: focusedIn(text) };
    };
    const first = await remove(typed, "lines[0]");
    const { "lines[0].what": _what, "lines[0].amount": _amount, ...without } = shown;
    expect(first).toEqual({ fields: { ...without, password: "" }, focused: ["lines[1].what"] });
    const last = await remove(typed, "lines[1]");
    expect(last.focused).toEqual(["lines[0].what"]);
    expect((await remove(last.fields, "lines[0]")).focused).toEqual(["intent"]);
    expect((await remove(typed, "tags[0]")).fields).not.toHaveProperty("tags[0]");
  });

  test.each([
    "add:",
    "add:title",
    "add:__proto__",
    "add:lines[0].what",
    "remove:lines",
    "remove:lines[9]",
    "remove:",
    "add:nothing[0].here",
  ])("are not lost with an unknown button: %s", async (intent) => {
    const { text, status } = await send({ ...typed, intent });
    if (status === 200) expect(typedIn(text)).toMatchObject({ ...shown, password: "" });
    else expect(status).toBe(303);
  });
});

describe("typed values on an error page", () => {
  const labels = (html: string) =>
    [...html.matchAll(/<label for="typed-\d+">([^<]*)<\/label>/g)].map(([, label]) => label);
  const all = [
    "Title",
    "Reason",
    "E-mail",
    "Currency",
    "Approver",
    "Travellers",
    "Budget",
    "Day",
    "It is urgent",
    "Home: Street",
  ].concat([
    ...[
      "Home: City",
      "Expense 1: What",
      "Expense 1: Amount",
      "Expense 2: What",
      "Expense 2: Amount",
      "Tag 1",
    ],
  ]);
  const failing = (error: Error) =>
    claims({
      execute: () => {
        throw error;
      },
    });
  const full: RateLimitStore = {
    count: async () => [{ count: 61, secondsLeft: 42 }],
    uncount: async () => {},
  };

  test.each([
    [403, () => send(typed).set("Sec-Fetch-Site", "cross-site")],
    [413, () => send({ ...typed, more: "a".repeat(600_000) })],
    [500, () => send(typed, failing(new TypeError("x")))],
  ])("stand under the labels of their form, to be copied, without passwords: %i", async (status, sending) => {
    const { text } = await sending().expect(status);
    expect(labels(text).filter((label) => label !== "more")).toEqual(all);
    expect(textOf(text)).toContain("Trip to Ede & back");
    expect(text).not.toContain(typed.password);
    expect(text).not.toContain("<form");
  });

  test("are sent again after 429 unchanged, except for a password, which is typed again", async () => {
    const { text } = await send({ ...typed, commandId: newId() }, claims({ rateLimits: full })).expect(429);
    expect(labels(text)).toEqual([...all.slice(0, 3), "Password", ...all.slice(3)]);
    expect(typedIn(text)).toEqual({ ...shown, password: "" });
    expect(text).toMatch(/name="password" type="password" required/);
    expect(text).not.toContain(typed.password);
  });

  test("are in the form itself after 503", async () => {
    const { text } = await send(typed, failing(new StoreUnavailable(true))).expect(503);
    expect(typedIn(text)).toEqual({ ...shown, password: "" });
    expect(textOf(text)).toContain("It is not known whether what you sent was stored");
  });
});
