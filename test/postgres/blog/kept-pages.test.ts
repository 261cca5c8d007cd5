import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { newId } from "#sequent/operations";
import { type Blog, createBlog } from "../../../src/blog.ts";
import { AddPost, EditPost } from "../../../src/domain/post/commands.ts";
import { readSettings } from "../../../src/settings.ts";
import { Answer } from "../../../src/web/rendering/answer.ts";
import { OwnServer } from "../../support/own-server.ts";
import { author, draftBy, publication } from "../../support/people.ts";
import { connectUntilTheEnd, migrateAll, servers, webProcess } from "../../support/replica.ts";
import { beginSession } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const reads = Number(process.env["KEPT_PAGE_READS"] ?? 2_000);
const writesPerSecond = 50;
const readers = 8;

const [ben, edited, older] = [newId(), newId(), newId()];

/** What the database of a server shows, without pages. */
const shown = `
select (select title from view_schema.post_records where aggregate_id = '${edited}') as edited,
       (select version from view_schema.post_records where aggregate_id = '${edited}') as version,
       (select title from view_schema.post_records where aggregate_id = '${older}') as older,
       (select published_posts from view_schema.author_records where aggregate_id = '${ben}') as posts,
       newest.aggregate_id as newest_id,
       newest.title as newest
  from (select * from view_schema.post_records order by published_at desc nulls last limit 1) as newest`;

interface Shown {
  readonly edited: string;
  readonly version: number;
  readonly older: string;
  readonly posts: number;
  readonly newest_id: string;
  readonly newest: string;
}

/** Whether a page shows at least as much as this. */
type IsFresh = (text: string, shown: Shown) => boolean;

/** The largest number after these words is not smaller than the one in the text. */
const counts =
  (words: string, of: (shown: Shown) => string): IsFresh =>
  (text, shown) =>
    largest(words, text) >= largest(words, of(shown));

function largest(words: string, text: string): number {
  return Math.max(
    0,
    ...[...text.matchAll(new RegExp(`${words} (\\d+)`, "g"))].map(([, count]) => Number(count)),
  );
}

function pagesWith(cursor: string): readonly (readonly [string, IsFresh])[] {
  const newest = counts("Newest", (now) => now.newest);
  return [
    ["/", newest],
    [`/?after=${cursor}`, counts("Older", (now) => now.older)],
    ["/authors", (text, { posts }) => Number(/(\d+) posts/.exec(text)?.[1]) >= posts],
    [`/authors/${ben}`, newest],
    [`/posts/${edited}`, counts("Edited", (now) => now.edited)],
    [`/posts/${edited}/edit`, counts("Edited", (now) => now.edited)],
    [`/posts/${edited}/history`, counts("Edited", (now) => now.edited)],
    [`/posts/${edited}?at=5`, counts("version 5 of", ({ version }) => `version 5 of ${version}`)],
    [`/posts/${older}`, counts("Older", (now) => now.older)],
    ["/feed.xml", newest],
    ["/sitemap.xml", (text, { newest_id }) => text.includes(newest_id)],
  ];
}

test("no page is older than the database, on two processes and two servers, whatever is written", {
  timeout: 60_000 + reads * 20,
}, async () => {
  const { primary, replica } = await servers();
  const { commandService, queries } = await blogOn(primary);
  await commandService.executeCommands(author({ aggregateId: ben }));
  const cookie = await cookieOf(primary, ben);
  for (const [aggregateId, title] of [
    [older, "Older 0"],
    [edited, "Edited 0"],
  ] as const)
    await commandService.executeCommands(draftBy(ben, { aggregateId, title }), publication(aggregateId));
  const { next = "" } = await queries.ask({ type: "PublishedPosts", limit: 1 });

  const stop = new AbortController();
  const writing = [
    writePosts(commandService, stop.signal),
    ...[1, 2, 3].map(() => writeOverlapping(primary, stop.signal)),
  ];
  const counted = { reads: 0, notModified: 0, stale: [] as string[] };
  const keptPages = countKept();
  await Promise.all(
    [primary, replica].flatMap((server) => readPages(primary, server, pagesWith(next), cookie, counted)),
  ).finally(() => stop.abort());
  const written = await Promise.all(writing);
  expect(counted.stale).toEqual([]);
  expect(counted.reads).toBeGreaterThanOrEqual(reads);
  expect(counted.notModified).toBeGreaterThan(0);
  expect(keptPages()).toBeGreaterThan(0);
  console.info(
    `${counted.reads} reads: ${keptPages()} kept, ${counted.notModified} 304. Writes: ${written.join(", ")}`,
  );
});

/** Counts answers that are sent more than once. */
function countKept(): () => number {
  const { send } = Answer.prototype;
  const sent = new WeakSet<Answer>();
  let kept = 0;
  const spy = vi.spyOn(Answer.prototype, "send").mockImplementation(function (this: Answer, res) {
    if (sent.has(this)) kept += 1;
    sent.add(this);
    spy.mockClear(); // it would keep all of them
    return send.call(this, res);
  });
  return () => kept;
}

/** Readers of one server, who share two processes. */
async function readPages(
  primary: OwnServer,
  server: OwnServer,
  pages: ReturnType<typeof pagesWith>,
  cookie: string,
  counted: { reads: number; notModified: number; readonly stale: string[] },
): Promise<void> {
  const processes = [await webProcess(primary, server), await webProcess(primary, server)];
  const { read } = await connectUntilTheEnd({
    ...readSettings({}),
    databaseUrl: primary.url,
    readDatabaseUrl: server.url,
  });
  const rowOf = async () => (await read.raw<{ rows: Shown[] }>(shown)).rows[0] as Shown;
  await until(async () => (await rowOf())?.newest !== undefined);
  const sent = new Map<string, { readonly tag: string; readonly text: string }>();

  const readOne = async (number: number): Promise<void> => {
    // All read the same page for a while. Otherwise no two of them would get the same page.
    const [path, isFresh] = pages[Math.floor(performance.now() / 250) % pages.length] ?? ["/", () => true];
    const url = `${processes[number % 2]}${path}`;
    const known = Math.random() < 0.5 ? sent.get(url) : undefined;
    const before = await rowOf();
    const headers = {
      ...(known && { "If-None-Match": known.tag, "Cache-Control": "max-age=0" }),
      ...(path.endsWith("/edit") && { cookie }), // only the author may edit
    };
    const ask = () => fetch(url, { headers, redirect: "manual" });
    const answer = await ask().catch(ask); // once more if the server has just closed the connection
    const body = await answer.text();
    const text = answer.status === 304 ? (known?.text ?? "") : body;
    if (answer.status !== 304) sent.set(url, { tag: answer.headers.get("etag") ?? "", text });
    else counted.notModified += 1;
    if (!isFresh(text, before))
      counted.stale.push(`${path} ${answer.status} without ${JSON.stringify(before)}`);
  };
  await Promise.all(
    Array.from({ length: readers }, async () => {
      while (counted.reads < reads) await readOne(counted.reads++);
    }),
  );
}

/** Nobody writes in the second half of each second. So pages can be kept, and 304 is an answer, however slow the machine is. */
async function untilItMayWrite(): Promise<void> {
  while (performance.now() % 1_000 > 500) await sleep(20);
}

/** Edits a post and publishes others at about this rate. Returns how often. */
async function writePosts(service: Blog["commandService"], stop: AbortSignal): Promise<number> {
  let count = 0;
  for (const started = performance.now(); !stop.aborted; ) {
    count += 1;
    await service.executeCommands(
      count % 5
        ? new EditPost({
            aggregateId: edited,
            userId: ben,
            title: `Edited ${count}`,
            content: "It is green.",
          })
        : new AddPost({
            userId: ben,
            authorAggregateId: ben,
            title: `Newest ${count}`,
            content: "It is new.",
            publicationDate: "2026-11-20",
          }),
    );
    await sleep(Math.max(0, started + (count * 1_000) / writesPerSecond - performance.now()));
    await untilItMayWrite();
  }
  return count;
}

/** Writes a view by hand, in transactions that end in another order than they begin. */
async function writeOverlapping(server: OwnServer, stop: AbortSignal): Promise<number> {
  const client = new pg.Client(server.url);
  await client.connect();
  let count = 0;
  for (; !stop.aborted; count += 1) {
    await client.query("begin");
    await client.query("select pg_current_xact_id()");
    await sleep(Math.random() * 100);
    await client.query(
      `update view_schema.post_records
          set title = 'Older ' || (substr(title, 7)::integer + 1)
        where aggregate_id = '${older}'`,
    );
    await client.query("commit");
    await sleep(Math.random() * 100);
    await untilItMayWrite();
  }
  await client.end();
  return count;
}

test("a replica, which does not know the running transactions, shows a late commit", async () => {
  const { primary, replica } = await servers();
  const { commandService } = await blogOn(primary);
  await commandService.executeCommands(author({ aggregateId: ben }));
  await commandService.executeCommands(draftBy(ben, { aggregateId: edited }), publication(edited));
  const address = await webProcess(primary, replica);
  const page = async () => (await fetch(`${address}/posts/${edited}`)).text();

  const [first, second] = [await clientOf(primary), await clientOf(primary)];
  for (const client of [first, second]) await client.query("begin; select pg_current_xact_id()");
  await updateTitle(primary, "Early");
  await expect.poll(page).toContain("Early");
  await second.query(`update view_schema.post_records set title = 'Late' where aggregate_id = '${edited}'`);
  await second.query("commit");
  await expect.poll(page).toContain("Late");
});

test("a page shows writes after a crash, even if numbers of transactions are used again", async () => {
  const server = await OwnServer.start();
  await keepEndsOffTheDisk(server);
  await migrateAll(server);
  const { commandService } = await blogOn(server);
  await commandService.executeCommands(author({ aggregateId: ben }));
  await commandService.executeCommands(
    draftBy(ben, { aggregateId: edited, title: "Before" }),
    publication(edited),
  );
  const address = await webProcess(server, server);
  const page = async () => (await fetch(`${address}/posts/${edited}`)).text();

  const lost = await lostTransaction(server);
  expect(await page()).toContain("Before");
  await server.kill();
  await server.start();
  expect(await updateTitle(server, "After")).toBe(lost);
  await expect.poll(page, { timeout: 10_000 }).toMatch(/After|Before/);
  expect(await page()).toContain("After");
});

/** Postgres writes the end of a transaction without a commit when it likes: here not before ten seconds. */
async function keepEndsOffTheDisk(server: OwnServer): Promise<void> {
  const client = await clientOf(server);
  await client.query("alter system set wal_writer_delay = '10s'");
  await client.query("select pg_reload_conf()");
}

/** The number of a transaction that ended without a commit, so it may not be on the disk. */
async function lostTransaction(server: OwnServer): Promise<string> {
  const client = await clientOf(server);
  await client.query("begin");
  const { rows } = await client.query("select pg_current_xact_id()::text as id");
  await client.query("rollback");
  return rows[0].id;
}

async function updateTitle(server: OwnServer, title: string): Promise<string> {
  const client = await clientOf(server);
  const { rows } = await client.query(
    "update view_schema.post_records set title = $1 where aggregate_id = $2 returning pg_current_xact_id()::text as id",
    [title, edited],
  );
  return rows[0].id;
}

async function clientOf(server: OwnServer): Promise<pg.Client> {
  const client = new pg.Client(server.url);
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}

async function cookieOf(server: OwnServer, accountId: string): Promise<string> {
  const database = await connectUntilTheEnd({ ...readSettings({}), databaseUrl: server.url });
  return `session=${await beginSession(database, accountId)}`;
}

async function blogOn(server: OwnServer): Promise<Blog> {
  return createBlog(await connectUntilTheEnd({ ...readSettings({}), databaseUrl: server.url }));
}
