import { expect, test } from "vitest";
import { connect } from "../../../src/database/database.ts";
import { settingsOfWorker } from "../../support/database.ts";
import { OwnServer } from "../../support/own-server.ts";
import { Person } from "../../support/person.ts";
import { migrateAll, servers, webProcess } from "../../support/replica.ts";
import { hiddenField } from "../../support/web.ts";

const forms = Number(process.env["REPLICA_FORMS"] ?? 300);
const patient = { timeout: 20_000 };

test("a replica is not taken for the primary", async () => {
  const settings = await settingsOfWorker();
  const url = new URL(settings.databaseUrl ?? "");
  url.searchParams.set("options", "-c default_transaction_read_only=on");
  const failure = connect({ ...settings, databaseUrl: url.toString() });
  await expect(failure).rejects.toThrow(
    /can only be read, as a replica can: let DATABASE_URL name the primary\.$/,
  );
});

test("whoever sent a form sees what it changed, and can go on from there, though the replica is behind", {
  timeout: 60_000 + forms * 100,
}, async () => {
  const { primary, replica } = await servers({ delayMs: 800 });
  const processes = [await webProcess(primary, replica), await webProcess(primary, replica)];
  const wrong: string[] = [];
  let sent = 0;

  /** Sends a form, and looks where it leads. */
  async function send(person: Person, path: string, fields: Record<string, string>, shown: string) {
    const answer = await person.post(path, fields);
    const next = await person.get(answer.location);
    sent += 1;
    if (answer.status !== 303 || next.status !== 200 || !next.text.includes(shown))
      wrong.push(`${path}: ${answer.status}, then ${next.status} without ${shown}`);
    return answer.location;
  }

  await Promise.all(
    Array.from({ length: 10 }, async (_, number) => {
      const person = new Person(processes);
      const signUp = { name: `Ben ${number}`, email: `ben${number}@example.com` };
      const author = await send(person, "/authors", signUp, `Ben ${number}`);
      while (sent < forms) {
        const post = await send(person, `${author}/posts`, { title: `One ${sent}`, content: "Text" }, "One");
        for (const title of [`Two ${sent}`, `Three ${sent}`]) {
          const { text } = await person.get(`${post}/edit`);
          await send(
            person,
            post,
            { title, content: "Text", seenVersion: hiddenField(text, "seenVersion") },
            title,
          );
        }
        await send(person, `${post}/publication`, {}, "<time");
      }
    }),
  );
  expect(wrong).toEqual([]);
});

test("all others read from the replica, and so does whoever wrote once it has caught up", async () => {
  const { primary, replica } = await servers();
  const processes = [await webProcess(primary, replica), await webProcess(primary, replica)];
  const [ben, reader] = [new Person(processes), new Person(processes)];
  await replica.pauseReplay();
  const { location } = await ben.post("/authors", { name: "Ben", email: "ben@example.com" });
  expect((await reader.get(location)).status).toBe(404);
  expect((await ben.get(location)).status).toBe(200);
  expect((await ben.get(location)).status).toBe(200);

  await replica.goOnReplaying();
  await expect.poll(async () => (await reader.get(location)).status, patient).toBe(200);
  const { location: post } = await ben.post(`${location}/posts`, { title: "Trees", content: "Green." });
  await expect.poll(async () => (await reader.get(post)).status, patient).toBe(200);
  await primary.kill(); // so it is not what answers
  await expect.poll(async () => (await ben.get(location)).status, patient).toBe(200);
  expect((await reader.get(`${post}?at=3`)).text).toContain("Trees");
  expect((await ben.get("/authors")).text).toContain("Ben");
});

test("an edit of what the replica still shows is merged with what it does not show yet", async () => {
  const { primary, replica } = await servers();
  const processes = [await webProcess(primary, replica)];
  const [ben, eva] = [new Person(processes), new Person(processes)];
  const { location: author } = await ben.post("/authors", { name: "Ben", email: "ben@example.com" });
  const { location: post } = await ben.post(`${author}/posts`, { title: "Trees", content: "Green." });
  await expect.poll(async () => (await eva.get(post)).status, patient).toBe(200);

  await replica.pauseReplay();
  const versionFor = async (person: Person) =>
    hiddenField((await person.get(`${post}/edit`)).text, "seenVersion");
  const seenVersion = await versionFor(ben);
  expect((await ben.post(post, { title: "Woods", content: "Green.", seenVersion })).status).toBe(303);
  expect(await versionFor(eva)).toBe(seenVersion); // she reads from the replica, and is told the version of that
  expect((await eva.post(post, { title: "Trees", content: "Brown.", seenVersion })).status).toBe(303);
  const { text } = await eva.get(post);
  expect([text.includes("Woods"), text.includes("Brown.")]).toEqual([true, true]);
  for (const person of [ben, eva]) expect(await versionFor(person)).toBe(String(Number(seenVersion) + 2));
});

test("a process is not ready while its replica lacks the views, or is lost; forms and their senders go on", async () => {
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
  const { location } = await ben.post("/authors", { name: "Ben", email: "ben@example.com" });
  expect((await ben.get(location)).status).toBe(200);

  await replica.start();
  await expect.poll(readiness, patient).toBe(200);
  expect((await reader.get("/authors")).status).toBe(200);
});
