import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { newId } from "#sequent/operations";
import { createBlog } from "../../src/blog.ts";
import { ChooseMails, EraseAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, EditPost, SchedulePost } from "../../src/domain/post/commands.ts";
import type { Mailer } from "../../src/mail/mail.ts";
import { SmtpMailer } from "../../src/mail/smtp-mailer.ts";
import { smtpServerOf } from "../../src/mail/smtp-server.ts";
import { renderTemplates } from "../../src/web/rendering/mails.ts";
import { mailServer } from "../support/mail-server.ts";
import { author, draftBy } from "../support/people.ts";
import { until } from "../support/until.ts";
import { fieldsIn, textOf, useWeb } from "../support/web.ts";

const secret = "s".repeat(32);
const origin = "http://localhost:3000";
const { context, given, signedInAs, get, send, client, newEvents } = useWeb({ sessionSecret: secret });
let [ben, moss] = ["", ""];
beforeEach(() => {
  [ben, moss] = [newId(), newId()];
});

/** Runs the subscriptions with this mailer, from now on. */
async function subscribed(mailer: Mailer): Promise<void> {
  const { subscriptions } = createBlog({ ...context.database, mailing: { mailer, origin, secret } });
  await context.database.write.raw("delete from sequent_schema.subscriptions");
  await context.database.write.raw("delete from sequent_schema.parked_aggregates");
  subscriptions.start();
  onTestFinished(() => subscriptions.stop());
  await until(async () => {
    const { rows } = await context.database.read.raw(
      "select name from sequent_schema.subscriptions where owner is not null order by name",
    );
    return rows.length === 2;
  });
}

/** A real mail server for the subscriptions. */
async function serverOf(options: Parameters<typeof mailServer>[0] = {}) {
  const server = await mailServer(options);
  const smtp = smtpServerOf(`smtp://127.0.0.1:${server.port}`);
  if (!smtp) throw new TypeError("The address is not understood.");
  await subscribed(new SmtpMailer(smtp, { name: "Blog", address: "blog@example.com" }));
  return server;
}

const headerOf = (source: string | undefined, name: string) =>
  new RegExp(`^${name}:(.*(?:\\r\\n[ \\t].*)*)`, "im")
    .exec(source ?? "")?.[1]
    ?.replace(/\s+/g, " ")
    .trim();
const subjectsOf = ({ mails }: { mails: readonly { source: string }[] }) =>
  mails.map(({ source }) => headerOf(source, "Subject"));
const parked = async () =>
  (await context.database.read.raw("select * from sequent_schema.parked_aggregates")).rows;

const [welcome, published, changed] = [
  "Welcome to Sequent Blog",
  "Your post was published at Sequent Blog",
  "Your post was changed at Sequent Blog",
];

test("a new author is welcomed, with a link to the first post, and one that ends such mails", async () => {
  const server = await serverOf();
  await given(author({ aggregateId: ben }));
  await until(() => server.mails.length > 0);
  const [mail] = server.mails;
  expect(mail?.to).toEqual(["ben@example.com"]);
  expect(headerOf(mail?.source, "Subject")).toBe(welcome);
  expect(headerOf(mail?.source, "Message-ID")).toBe(`<${ben}.1@example.com>`);
  const link = headerOf(mail?.source, "List-Unsubscribe")?.slice(1, -1) ?? "";
  expect(headerOf(mail?.source, "List-Unsubscribe-Post")).toBe("List-Unsubscribe=One-Click");
  expect(link).toMatch(/^http:\/\/localhost:3000\/unsubscribe\/[\w.-]+$/);
  expect(mail?.source).toContain(`${origin}/authors/${ben}#new-post`);
  expect(mail?.source).toContain(link);
});

test("an author gets one mail for each command of somebody else that published or changed their post", async () => {
  const server = await serverOf();
  await given(author({ aggregateId: ben }), draftBy(ben, { aggregateId: moss }));
  const edit = { aggregateId: moss, title: "On fern", content: "It is greener." };
  await given(new EditPost({ ...edit, userId: ben, title: "By the author" }), new EditPost(edit));
  const longAgo = createBlog({ ...context.database, clock: () => new Date("2020-01-01T00:00:00Z") });
  await longAgo.commandService.executeCommands(
    new SchedulePost({ aggregateId: moss, userId: ben, dueAt: "2020-11-20T09:00", timeZone: "UTC" }),
  );
  const [due] = (await context.blog.dueCommands[0]?.()) ?? [];
  if (due) await given(due.command);
  const fern = new AddPost({
    authorAggregateId: ben,
    title: "Fern",
    content: "x",
    publicationDate: "2026-11-20",
  });
  await given(fern, new EditPost({ aggregateId: fern.aggregateId, title: "Fern", content: "y" }));
  const aboutPosts = () => server.mails.filter(({ source }) => headerOf(source, "Subject") !== welcome);
  await until(() => aboutPosts().length > 3);
  expect(subjectsOf({ mails: aboutPosts() })).toEqual([changed, published, published, changed]);
  expect(aboutPosts()[1]?.source).toContain(`${origin}/posts/${moss}`);
  expect(server.mails.filter(({ source }) => /moss\W|greener|By the author/i.test(source))).toEqual([]);
});

test("an author who wants none, and one who is erased, gets none", async () => {
  const eva = newId();
  await given(author({ aggregateId: ben }), author({ aggregateId: eva, email: "eva@example.com" }));
  await given(draftBy(eva, { aggregateId: moss }));
  await given(
    new ChooseMails({ aggregateId: ben, userId: ben, mails: "off" }),
    new EraseAuthor({ aggregateId: eva, userId: eva, by: "the author" }),
  );
  const server = await serverOf();
  await given(
    new AddPost({ authorAggregateId: ben, title: "x", content: "x" }),
    new EditPost({ aggregateId: moss, title: "x", content: "x" }),
  );
  const zoe = author({ email: "zoe@example.com" }); // both of her mails come last
  await given(zoe, new AddPost({ authorAggregateId: zoe.aggregateId, title: "x", content: "x" }));
  await until(() => server.mails.length > 1);
  expect(server.mails.map(({ to }) => to)).toEqual([["zoe@example.com"], ["zoe@example.com"]]);
  expect(await parked()).toEqual([]);
});

describe("a mail that cannot be sent", () => {
  test("waits while the server is too busy, or away, and is sent then", async () => {
    let busy = 3;
    const server = await serverOf({
      onMailFrom(_address, _session, done) {
        busy -= 1;
        done(busy < 0 ? undefined : Object.assign(new Error("4.3.2 Too busy"), { responseCode: 451 }));
      },
    });
    await given(author({ aggregateId: ben }));
    await until(() => server.mails.length > 0);
    expect(subjectsOf(server)).toEqual([welcome]);
    expect(await parked()).toEqual([]);
  });

  test("is parked if its address is refused, without the address, and the mails to others are sent", async () => {
    const server = await serverOf({
      onRcptTo({ address }, _session, done) {
        const refusal = Object.assign(new Error(`5.1.1 <${address}> unknown`), { responseCode: 550 });
        done(address.startsWith("ben") ? refusal : undefined);
      },
    });
    await given(author({ aggregateId: ben }), author({ email: "eva@example.com" }));
    await until(() => server.mails.length > 0);
    expect(server.mails.map(({ to }) => to)).toEqual([["eva@example.com"]]);
    const [waiting] = await parked();
    expect(waiting).toMatchObject({ subscription: "WelcomeMails", aggregate_id: ben });
    expect(JSON.stringify(waiting)).not.toContain("ben@example.com");
  });
});

describe("the link that ends mails", () => {
  const linkOf = async () => {
    const server = await serverOf();
    await given(author({ aggregateId: ben }));
    await until(() => server.mails.length > 0);
    return headerOf(server.mails[0]?.source, "List-Unsubscribe")?.slice(1 + origin.length, -1) ?? "";
  };
  const mailsOf = async () => (await context.blog.queries.ask({ type: "AuthorById", authorId: ben }))?.mails;

  test("works without a sign-in, by a button, for people and for mail programs, any number of times", async () => {
    const link = await linkOf();
    expect(textOf((await get(link).expect(200)).text)).toContain("Do you want no more mails");
    expect(await newEvents()).toEqual([]);
    const oneClick = { "List-Unsubscribe": "One-Click" };
    const answer = await client().post(link).type("form").send(oneClick).expect(200);
    expect(textOf(answer.text)).toContain("You get no more mails about your posts");
    expect(await newEvents()).toEqual(["AuthorMailsChosen"]);
    await send(link, { commandId: newId() }).expect(200);
    expect(await newEvents()).toEqual([]);
    expect(await mailsOf()).toBe("off");
  });

  test("cannot be made by others, and lets nobody else in", async () => {
    const link = await linkOf();
    for (const other of [
      link.slice(0, -1),
      link.replace(ben, newId()),
      `/unsubscribe/${ben}`,
      "/unsubscribe/x.y",
    ]) {
      await get(other).expect(404);
      await send(other).expect(404);
    }
    expect(await mailsOf()).toBeNull();
  });

  test("and the page of the account have the same effect, and the account shows it", async () => {
    await given(author({ aggregateId: ben }));
    await signedInAs(ben);
    expect(textOf((await get("/account")).text)).toContain("Mails about your posts Yes");
    expect(fieldsIn((await get("/account/mails")).text)).toMatchObject({ mails: "on" });
    await send("/account/mails", { mails: "off" }).expect(303);
    expect(textOf((await get("/account")).text)).toContain("Mails about your posts No");
    expect(fieldsIn((await get("/account/mails")).text)).toMatchObject({ mails: "off" });
    const refused = await send("/account/mails", { mails: "maybe" }).expect(422);
    expect(textOf(refused.text)).toContain("Mails about your posts is not one of on, off");
    expect(textOf((await get("/account/history")).text)).toContain("Mails about your posts");
    await signedInAs(undefined);
    await send("/account/mails", { mails: "on" }).expect(303); // to sign in
    expect(await mailsOf()).toBe("off");
  });
});

test.each(["welcome", "post-published", "post-changed"])(
  "the mail %s says the same in text and in HTML",
  async (name) => {
    const values = { link: `${origin}/posts/x?a=1&b=2`, unsubscribe: `${origin}/unsubscribe/x` };
    const { subject, text, html } = await renderTemplates(`authors/${name}`, "ann@example.com", values);
    const [, body = ""] = /<body>(.*)<p><small>/s.exec(html) ?? [];
    expect(textOf(body).trim()).toBe(text.replace(/\s+/g, " ").trim());
    expect(subject).toContain("Sequent Blog");
  },
);
