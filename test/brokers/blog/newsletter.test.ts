import { expect, onTestFinished, test } from "vitest";
import { createBlog } from "../../../src/blog.ts";
import { brokers } from "../../support/broker-servers.ts";
import { ownTopic } from "../../support/brokers.ts";
import { useBlog } from "../../support/database.ts";
import { useEmptyDatabase } from "../../support/empty-database.ts";
import { freePort } from "../../support/free-port.ts";
import { mailServer, type ReceivedMail } from "../../support/mail-server.ts";
import { author, draftBy, publication } from "../../support/people.ts";
import { type RunningProcess, run } from "../../support/process.ts";
import { until } from "../../support/until.ts";

const context = useBlog();
const { url: ownUrl, database } = await useEmptyDatabase("newsletter_process");

/** The blog publishes in NATS, and the newsletter is a process of its own. */
async function start(smtpPort: number) {
  const address = ownTopic(brokers[0].url);
  const broker = { address, source: "/blog", withPersonal: false };
  const { subscriptions } = createBlog({ ...context.database, broker, subscriptionsToRun: ["Tracker"] });
  subscriptions.start();
  onTestFinished(() => subscriptions.stop());
  const newsletter = () =>
    run("examples/newsletter/main.ts", {
      NEWSLETTER_DATABASE_URL: ownUrl,
      SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
      MAIL_FROM: "news@example.com",
      BROKER_URL: address.url,
      BROKER_TOPIC: address.topic,
    });
  const running = await newsletter();
  return { newsletter: running, address: await addressOf(running), startAgain: newsletter };
}

async function addressOf(newsletter: RunningProcess): Promise<string> {
  return (await newsletter.wrote(/The newsletter is at (\S+)\n/))[1] ?? "";
}

async function publishPost(title: string): Promise<string> {
  const ben = author({ email: `${title.toLowerCase()}@example.com` });
  const draft = draftBy(ben.aggregateId, { title });
  await context.blog.commandService.executeCommands(ben, draft, publication(draft.aggregateId));
  return draft.aggregateId;
}

const addReaders = (count: number) =>
  database.raw(
    `insert into readers (id, email, confirmed_at)
     select gen_random_uuid(), 'reader' || n || '@example.com', now() - interval '1 day' from generate_series(1, ?) n`,
    [count],
  );

const waiting = async () => Number((await database("outbox").count().first())?.["count"]);
const subjectOf = ({ source }: ReceivedMail) => /^Subject: (.*)\r$/m.exec(source)?.[1];
const idOf = ({ source }: ReceivedMail) => /^Message-ID:\s*(<.*>)\r$/im.exec(source)?.[1];

test("whoever has confirmed gets one mail for a post that is published in the blog", async () => {
  const { mails, port } = await mailServer();
  const { newsletter, address } = await start(port);
  const old = await publishPost("Old");
  await until(async () => (await database("posts").where({ id: old })).length === 1, 30_000);

  await fetch(address, { method: "POST", body: new URLSearchParams({ email: "ann@example.com" }) });
  await until(() => mails.length === 1);
  const link = /http\S+\/confirm\/\S+/.exec(mails[0]?.source ?? "")?.[0] ?? "";
  expect((await fetch(link, { method: "POST" })).status).toBe(200);
  const id = await publishPost("Onions");
  await until(() => mails.length === 2, 30_000);
  expect(mails.map(subjectOf)).toEqual(["Do you want mails about new posts?", "Onions"]);
  expect(mails[1]?.source).toContain(`http://localhost:3000/posts/${id}`);

  newsletter.child.kill("SIGTERM");
  expect(await newsletter.ended).toBe(0);
  expect(await waiting()).toBe(0);
});

test("if the newsletter is killed while it sends, it goes on where it was: nobody is forgotten, and nobody gets a mail twice", async () => {
  let isHeld = false;
  const { mails, port } = await mailServer({
    onRcptTo(_address, _session, done) {
      if (mails.length !== 10 || isHeld) return done();
      isHeld = true; // and is never answered
    },
  });
  const { newsletter, startAgain } = await start(port);
  await addReaders(40);
  await publishPost("Onions");
  await until(() => isHeld, 30_000);
  newsletter.child.kill("SIGKILL");
  await newsletter.ended;
  await publishPost("Leeks"); // while it is away
  await startAgain();
  await until(() => mails.length >= 80, 30_000);
  await until(async () => (await waiting()) === 0);
  expect(mails.length).toBe(80);
  expect(new Set(mails.map(idOf)).size).toBe(80);
});

test("while the mail server is away, mails wait, and a newsletter that lost its place sends none of them twice", async () => {
  const port = await freePort();
  const { newsletter, startAgain } = await start(port);
  await addReaders(3);
  await publishPost("Onions");
  await newsletter.wrote(/"mails wait"/);
  expect(await waiting()).toBe(3);
  const { mails } = await mailServer({}, port);
  await until(async () => mails.length === 3 && (await waiting()) === 0, 40_000);

  newsletter.child.kill("SIGTERM");
  expect(await newsletter.ended).toBe(0);
  await database("consumer_places").delete(); // as if it began to read anew
  await startAgain();
  await publishPost("Leeks");
  await until(() => mails.length === 6, 30_000);
  expect(mails.map(subjectOf).sort()).toEqual([...Array(3).fill("Leeks"), ...Array(3).fill("Onions")]);
});
