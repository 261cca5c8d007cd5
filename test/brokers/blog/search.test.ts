import { expect, test } from "vitest";
import { EditPost } from "../../../src/domain/post/commands.ts";
import { brokers } from "../../support/broker-servers.ts";
import { ownTopic } from "../../support/brokers.ts";
import { settingsOfWorker, useBlog } from "../../support/database.ts";
import { useEmptyDatabase } from "../../support/empty-database.ts";
import { freePort } from "../../support/free-port.ts";
import { author, draftBy, publication } from "../../support/people.ts";
import { portOf, run } from "../../support/process.ts";
import { until } from "../../support/until.ts";
import { textOf } from "../../support/web.ts";

const context = useBlog();
const { url: ownUrl } = await useEmptyDatabase("search");

/** The blog and the search, each in a process of its own, with a topic of their own in NATS. */
async function start() {
  const { url, topic } = ownTopic(brokers[0].url);
  const broker = { BROKER_URL: url, BROKER_TOPIC: topic };
  const port = await freePort();
  const SEARCH_URL = `http://localhost:${port}`;
  const { databaseUrl } = await settingsOfWorker();
  const blog = await run("src/server.ts", { DATABASE_URL: databaseUrl, SEARCH_URL, ...broker });
  const address = `http://localhost:${await portOf(blog)}`;
  const search = async () => {
    const settings = { SEARCH_DATABASE_URL: ownUrl, PORT: String(port), ...broker };
    const running = await run("examples/search/main.ts", settings);
    await running.wrote(/The search is at /);
    return running;
  };
  const pageFor = async (words: string) => {
    const answer = await fetch(`${address}/search?${new URLSearchParams({ q: words })}`);
    return { status: answer.status, text: textOf(await answer.text()) };
  };
  const isFound = async (words: string, title: string) => (await pageFor(words)).text.includes(title);
  return { blog, search, pageFor, isFound, SEARCH_URL };
}

async function write(title: string, content: string) {
  const ben = author({ email: `${title.toLowerCase()}@example.com` });
  const draft = draftBy(ben.aggregateId, { title, content });
  await context.blog.commandService.executeCommands(ben, draft);
  const publish = () => context.blog.commandService.executeCommands(publication(draft.aggregateId));
  return { draft, publish };
}

test("what is published in the blog is found there, and nothing is lost while the search is killed", async () => {
  const { blog, search, pageFor, isFound, SEARCH_URL } = await start();
  const first = await search();
  const onions = await write("Onions", "They need *patience*.");
  await (await write("Leeks", "They need patience, too.")).publish();
  await until(() => isFound("patience", "Leeks"), 30_000);
  expect(await isFound("patience", "Onions")).toBe(false); // it is a draft
  await onions.publish();
  await until(() => isFound('"need patience"', "Onions"), 30_000);
  expect((await pageFor("needs")).text).toContain("They need patience");

  first.child.kill("SIGKILL");
  await first.ended;
  const { status, text } = await pageFor("patience");
  expect([status, text.includes("Search is away at the moment")]).toEqual([503, true]);
  expect(blog.output()).toContain('"search is away"');
  await (await write("Garlic", "It needs patience, too.")).publish();
  const { aggregateId, userId } = onions.draft;
  const edit = new EditPost({ aggregateId, userId, title: "Onions", content: "They need butter." });
  await context.blog.commandService.executeCommands(edit);

  const second = await search();
  await until(() => isFound("butter", "Onions"), 30_000);
  const found = await pageFor("patience");
  expect(found.text).toMatch(/2 posts .*(Leeks.*Garlic|Garlic.*Leeks)/);
  expect(await (await fetch(`${SEARCH_URL}/healthz`)).json()).toEqual({ status: "ok", parked: 0 });
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
});
