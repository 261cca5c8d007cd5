import { expect, test } from "vitest";
import { connect } from "../../../src/database/database.ts";
import { readSettings } from "../../../src/settings.ts";
import { settingsOfWorker } from "../../support/database.ts";
import { OwnServer } from "../../support/own-server.ts";
import { Person } from "../../support/person.ts";
import { connectUntilTheEnd, migrateAll, servers, webProcess } from "../../support/replica.ts";
import { beginSession } from "../../support/sessions.ts";
import { hiddenField } from "../../support/web.ts";

const forms = Number(process.env["REPLICA_FORMS"] ?? 300);
const patient = { timeout: 20_000 };

test("a replica does not count as the primary", async () => {
  const settings = await settingsOfWorker();
  const url = new URL(settings.databaseUrl ?? "");
  url.searchParams.set("options", "-c default_transaction_read_only=on");
  const failure = connect({ ...settings, databaseUrl: url.toString() });
  await expect(failure).rejects.toThrow(/is read-only, like a replica\. Set DATABASE_URL to the primary\.$/);
});

test("the sender of a form sees its changes and can continue, even if the replica is behind", {
  timeout: 60_000 + forms * 100,
}, async () => {
  const { primary, replica } = await servers({ delayMs: 800 });
  const processes = [await webProcess(primary, replica), await webProcess(primary, replica)];
  const wrong: string[] = [];
  let sent = 0;

  /** Sends a form, and looks where it leads. */
  async function send(browser: Person, path: string, fields: Record<string, string>, shown: string) {
    const answer = await browser.send(path, fields);
    const next = await browser.get(answer.location);
    sent += 1;
    if (answer.status !== 303 || next.status !== 200 || !next.text.includes(shown))
      wrong.push(`${path}: ${answer.status}, then ${next.status} without ${shown}`);
    return answer.location;
  }

  await Promise.all(
    Array.from({ length: 10 }, async (_, number) => {
      const browser = new Person(processes);
      const signUp = { name: `Ben ${number}`, email: `ben${number}@example.com` };
      const author = await send(browser, "/authors", signUp, `Ben ${number}`);
      while (sent < forms) {
        const post = await send(browser, `${author}/posts`, { title: `One ${sent}`, content: "Text" }, "One");
        for (const title of [`Two ${sent}`, `Three ${sent}`]) {
          const { text } = await browser.get(`${post}/edit`);
          await send(
            browser,
            post,
            { title, content: "Text", seenVersion: hiddenField(text, "seenVersion") },
            title,
          );
        }
        await send(browser, `${post}/publication`, {}, "<time");
      }
    }),
  );
  expect(wrong).toEqual([]);
});

test("others read from the replica, and senders do so when it has caught up", async () => {
  const { primary, replica } = await servers();
  const processes = [await webProcess(primary, replica), await webProcess(primary, replica)];
  const [ben, reader] = [new Person(processes), new Person(processes)];
  await replica.pauseReplay();
  const { location } = await ben.send("/authors", { name: "Ben", email: "ben@example.com" });
  expect((await reader.get(location)).status).toBe(404);
  expect((await ben.get(location)).status).toBe(200);
  expect((await ben.get(location)).status).toBe(200);

  await replica.goOnReplaying();
  await expect.poll(async () => (await reader.get(location)).status, patient).toBe(200);
  const trees = { title: "Trees", content: "Green.", intent: "publish" };
  const { location: post } = await ben.send(`${location}/posts`, trees);
  await expect.poll(async () => (await reader.get(post)).status, patient).toBe(200);
  await ben.send("/sign-out", {}); // a session is found only on the primary
  await primary.kill(); // so the replica does not answer
  await expect.poll(async () => (await ben.get(location)).status, patient).toBe(200);
  expect((await reader.get(`${post}?at=5`)).text).toContain("Trees");
  expect((await ben.get("/authors")).text).toContain("Ben");
});

test("an edit of an old version on the replica is merged with changes that it does not show yet", async () => {
  const { primary, replica } = await servers();
  const processes = [await webProcess(primary, replica)];
  const ben = new Person(processes);
  const { location: author } = await ben.send("/authors", { name: "Ben", email: "ben@example.com" });
  const { location: post } = await ben.send(`${author}/posts`, { title: "Trees", content: "Green." });
  const database = await connectUntilTheEnd({ ...readSettings({}), databaseUrl: primary.url });
  const session = await beginSession(database, author.slice("/authors/".length));
  const elsewhere = new Person(processes, session); // the same author, in another browser
  await expect.poll(async () => (await elsewhere.get(post)).status, patient).toBe(200);

  await replica.pauseReplay();
  const versionFor = async (person: Person) =>
    hiddenField((await person.get(`${post}/edit`)).text, "seenVersion");
  const seenVersion = await versionFor(ben);
  expect((await ben.send(post, { title: "Woods", content: "Green.", seenVersion })).status).toBe(303);
  expect(await versionFor(elsewhere)).toBe(seenVersion); // it reads from the replica and sees its version
  expect((await elsewhere.send(post, { title: "Trees", content: "Brown.", seenVersion })).status).toBe(303);
  const { text } = await elsewhere.get(post);
  expect([text.includes("Woods"), text.includes("Brown.")]).toEqual([true, true]);
  for (const person of [ben, elsewhere])
    expect(await versionFor(person)).toBe(String(Number(seenVersion) + 2));
});

test("a process is not ready while its replica lacks the views or is lost, but forms and their senders continue", async () => {
  const primary = await OwnServer.start();
  const replica = await primary.replica();
  await replica.pauseReplay();
  await migrateAll(primary);
  const process = await webProcess(primary, replica);
  const [ben, reader] = [new Person([process]), new Person([process])];
  const readiness = async () => (await reader.get("/readyz")).status;
  expect(await readiness()).toBe(503);
  await replica.goOnReplaying();
  await expect.poll(readiness, patient).toBe(200);

  await replica.kill();
  expect(await readiness()).toBe(503);
  expect((await reader.get("/authors")).status).toBe(503);
  const { location } = await ben.send("/authors", { name: "Ben", email: "ben@example.com" });
  expect((await ben.get(location)).status).toBe(200);

  await replica.start();
  await expect.poll(readiness, patient).toBe(200);
  expect((await reader.get("/authors")).status).toBe(200);
});
