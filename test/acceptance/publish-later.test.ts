import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { createBlog } from "../../src/blog.ts";
import { CancelSchedule, PublishPost, SchedulePost } from "../../src/domain/post/commands.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { fieldsIn, hiddenField, textOf, useWeb } from "../support/web.ts";

const { context, given, signedInAs, get, send, client, newEvents, lastEvent } = useWeb();
const json = "application/problem+json";
const nine = { dueAt: "2999-11-20T09:00", timeZone: "Europe/Berlin" };
let [ben, moss] = ["", ""];
let form = "";

beforeEach(async () => {
  [ben, moss] = [newId(), newId()];
  form = `/posts/${moss}/schedule`;
  await given(author({ aggregateId: ben }), draftBy(ben, { aggregateId: moss }));
  await signedInAs(ben);
});

const schedule = (at = nine) => new SchedulePost({ aggregateId: moss, userId: ben, ...at });

describe("publishing a post later", () => {
  test("begins on its page or with a new post, and leads to a day, a time and a time zone", async () => {
    expect((await get(`/posts/${moss}`)).text).toContain(`href="${form}"`);
    const sent = await send(`/authors/${ben}/posts`, { title: "Fern", content: "x", intent: "schedule" });
    expect(sent.headers["location"]).toMatch(/^\/posts\/[\w-]+\/schedule$/);
    const page = await get(String(sent.headers["location"])).expect(200);
    expect(page.text).toContain('type="datetime-local"');
    expect(page.text).toMatch(/<option value="UTC">UTC<\/option>\s*<option value="Africa\/Abidjan">/);
    expect(fieldsIn(page.text)).toMatchObject({ dueAt: "", timeZone: "" }); // nobody sends a choice that they did not make
  });

  test("shows its time, in its time zone, on its page, in its author's list and in its history", async () => {
    const page = await get(form);
    const sent = await send(form, { ...nine, commandId: hiddenField(page.text, "commandId") });
    expect([sent.status, sent.headers["location"]]).toEqual([303, `/posts/${moss}`]);
    expect(await newEvents()).toEqual(["PostScheduled"]);
    expect(await lastEvent()).toEqual({ dueAt: "2999-11-20T08:00:00.000Z", timeZone: "Europe/Berlin" });
    const time = "20 November 2999 at 09:00 (Europe/Berlin)";
    expect(textOf((await get(`/posts/${moss}`)).text)).toContain(`It will be published on ${time}`);
    expect(textOf((await get(`/authors/${ben}`)).text)).toContain(`On moss Scheduled ${time}`);
    expect(textOf((await get(`/posts/${moss}/history`)).text)).toMatch(/Scheduled .* For 20 November 2999/);
    expect(textOf((await get(`/posts/${moss}?at=5`)).text)).toContain(`Scheduled for ${time}`);
  });

  test("can be moved: the form has what was chosen, and another post the same time zone", async () => {
    await given(schedule());
    expect(fieldsIn((await get(form)).text)).toMatchObject(nine);
    await send(form, { ...nine, dueAt: "2999-11-20T10:00" }).expect(303);
    expect(await lastEvent()).toMatchObject({ dueAt: "2999-11-20T09:00:00.000Z" });
    const fern = newId();
    await given(draftBy(ben, { aggregateId: fern }));
    const other = await get(`/posts/${fern}/schedule`);
    expect(fieldsIn(other.text)).toMatchObject({ dueAt: "", timeZone: "Europe/Berlin" });
  });

  test("can be cancelled, and published before, which ends the schedule", async () => {
    await given(schedule());
    await send(`${form}/cancellation`).expect(303);
    expect(await newEvents()).toEqual(["PostScheduleCancelled"]);
    expect(textOf((await get(`/posts/${moss}`)).text)).toContain("A draft: only you can see it.");
    await given(schedule());
    await send(`/posts/${moss}/publication`).expect(303);
    expect(await newEvents()).toEqual(["PostPublished"]);
    expect(await context.blog.queries.ask({ type: "DuePosts", limit: 9 })).toEqual([]);
  });

  test("keeps the post hidden from others, and its past after it is published", async () => {
    await given(schedule());
    await signedInAs(undefined);
    await get(`/posts/${moss}`).expect(404);
    expect((await get(`/authors/${ben}`)).text).not.toMatch(/On moss|Scheduled/);
    await given(publication(moss));
    expect((await get(`/posts/${moss}/history`)).text).not.toContain("Scheduled");
    expect((await get(`/posts/${moss}`)).text).not.toMatch(/Scheduled|2999/);
  });

  test("twice from one form: the same answer, one effect", async () => {
    const fields = { ...nine, commandId: newId() };
    const answers = await Promise.all([1, 2, 3].map(() => send(form, fields)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await newEvents()).toEqual(["PostScheduled"]);
  });
});

describe("is refused, with all that was typed,", () => {
  const berlin = { timeZone: "Europe/Berlin" };
  test.each([
    ["nothing", {}, ["Day and time can't be blank", "Time zone can't be blank"]],
    [
      "a time that has passed",
      { ...nine, dueAt: "2020-11-20T09:00" },
      ["Day and time must be in the future"],
    ],
    ["no day", { ...berlin, dueAt: "soon" }, ["Day and time is not a day and a time"]],
    [
      "an hour that is left out",
      { ...berlin, dueAt: "2099-03-29T02:30" },
      ["Day and time does not exist there"],
    ],
    [
      "an hour that comes twice",
      { ...berlin, dueAt: "2099-10-25T02:30" },
      ["Day and time comes twice there"],
    ],
    ["an unknown zone", { ...nine, timeZone: "Europe/Atlantis" }, ["Time zone must be chosen from the list"]],
    ["a zone twice", { ...nine, timeZone: ["UTC", "UTC"] }, ["Time zone was sent more than once"]],
  ])("%s", async (_what, fields, messages) => {
    const answer = await send(form, fields).expect(422);
    for (const message of messages) expect(textOf(answer.text)).toContain(message);
    if ("dueAt" in fields) expect(fieldsIn(answer.text)).toMatchObject({ dueAt: fields.dueAt });
    if ("timeZone" in fields && fields.timeZone === "Europe/Berlin")
      expect(fieldsIn(answer.text)).toMatchObject(berlin);
    expect(await newEvents()).toEqual([]);
  });

  test("a published post: 409 with the reason in words", async () => {
    await given(publication(moss));
    await get(form).expect(409);
    const answer = await send(form, nine).expect(409);
    expect(textOf(answer.text)).toContain("This post was published on 20 November 2026.");
    expect(answer.text).toContain(nine.dueAt);
    expect(await newEvents()).toEqual([]);
  });

  test("somebody else: as if a draft were not there, and with 403 if it is published", async () => {
    const eva = newId();
    await given(author({ aggregateId: eva, email: "eva@example.com" }), schedule());
    for (const published of [false, true]) {
      if (published) await given(publication(moss));
      for (const who of [eva, undefined]) {
        await signedInAs(who);
        const status = who ? (published ? 403 : 404) : 303; // to sign in
        await get(form).expect(status);
        await send(form, nine).expect(status);
        await send(form, {}).expect(status);
        await send(`${form}/cancellation`).expect(status);
      }
    }
    expect(await newEvents()).toEqual([]);
  });

  test("somebody whose address is not confirmed, if it must be", async () => {
    const { commandService } = createBlog({ ...context.database, confirmAddress: true });
    const strict = client({ commandService });
    const answer = await strict.post(form).type("form").set("Accept", "text/html").send(nine).expect(403);
    expect(textOf(answer.text)).toContain("Please confirm your e-mail address first");
    expect(fieldsIn(answer.text)).toMatchObject(nine);
  });
});

describe("cancelled at the moment when it is due, the page says", () => {
  test("that it is a draft again, if the author was first: then its schedule does nothing", async () => {
    await given(schedule(), new CancelSchedule({ aggregateId: moss, userId: ben }));
    await given(new PublishPost({ aggregateId: moss, publicationDate: "2999-11-20", scheduledVersion: 5 }));
    expect(textOf((await get(`/posts/${moss}`)).text)).toContain("A draft: only you can see it.");
  });

  test("that it is published, if the schedule was first", async () => {
    await given(schedule(), publication(moss));
    const answer = await send(`${form}/cancellation`).expect(409);
    expect(textOf(answer.text)).toContain("published before the schedule could be cancelled");
    const problem = await client().post(`${form}/cancellation`).set("Accept", json).expect(409);
    expect(JSON.parse(problem.text)).toMatchObject({ title: "Too late to cancel" });
    expect(await newEvents()).toEqual([]);
  });
});
