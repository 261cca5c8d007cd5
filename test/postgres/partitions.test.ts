import { randomBytes } from "node:crypto";
import { afterAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { anyEvent, type BaseCommand, on, Subscription, VersionConflict } from "#sequent";
import { newId, PersonalErasure, PublishedLog } from "#sequent/operations";
import { connect } from "../../src/database/database.ts";
import { examine } from "../../src/doctor/examine.ts";
import { EraseCustomer } from "../fixtures/shop/customer/commands.ts";
import { CustomerErased } from "../fixtures/shop/customer/events.ts";
import { ChangeOrder } from "../fixtures/shop/order/commands.ts";
import { commandClasses, createShop, eventTypes, modules, projectors } from "../fixtures/shop/shop.ts";
import { settingsOfWorker } from "../support/database.ts";
import { read } from "../support/files.ts";
import { partitionEvents } from "../support/guide.ts";
import { customer, orderOf, recreateShop } from "../support/shop.ts";
import { until } from "../support/until.ts";

const database = await connect(await settingsOfWorker("partitions"));
const { commandService } = createShop(database);
const execute = (...commands: BaseCommand[]) => commandService.executeCommands(...commands);
const ask = async (sql: string) => (await database.write.raw(sql)).rows;

beforeEach(() => recreateShop(database));
afterAll(() => database.close());

test("events move into partitions while people write, and nothing is lost, refused or out of order", async () => {
  const seen: string[] = [];
  class Everything extends Subscription("Everything", { from: "beginning" }) {
    readonly handlers = [on(anyEvent, (_, { id }) => void seen.push(id))];
  }
  const follower = createShop({ ...database, subscriptions: [new Everything()] });
  follower.subscriptions.start();
  onTestFinished(() => follower.subscriptions.stop());

  let [goesOn, stored] = [true, 0];
  const writers = [1, 2, 3, 4].map(async () => {
    for (; goesOn; stored += 7) {
      const ben = customer({ email: `${newId()}@example.com` });
      const order = orderOf(ben.aggregateId);
      await execute(ben, order);
    }
  });
  const more = async () => {
    const enough = stored + 100;
    await until(() => stored >= enough, 20_000);
  };
  await more();
  await partitionEvents(database.patient, more);
  await more();
  goesOn = false;
  await Promise.all(writers);

  await until(() => seen.length >= stored, 20_000);
  const log = await new PublishedLog(database.read).after(undefined, 100_000);
  expect(log).toHaveLength(stored);
  expect(new Set(seen)).toHaveLength(stored);
  const next = new Map<string, number>();
  for (const { aggregateId, sequenceNumber } of log) {
    expect(sequenceNumber).toBe((next.get(aggregateId) ?? 0) + 1);
    next.set(aggregateId, sequenceNumber);
  }
  expect((await ask("select count(*)::integer from only sequent_schema.events_3"))[0].count).toBeGreaterThan(
    0,
  );
});

test("partitions refuse what the table refuses, and a lost race is still a conflict", async () => {
  const ben = customer();
  const order = orderOf(ben.aggregateId);
  await execute(ben, order);
  await partitionEvents(database.patient);
  for (let round = 0; round < 20; round += 1) {
    const seenVersion = 4 + round;
    const edits = ["One", "Two"].map((who) =>
      execute(
        new ChangeOrder({
          aggregateId: order.aggregateId,
          address: `${who} ${round}`,
          note: order.note,
          seenVersion,
        }),
      ),
    );
    const lost = (await Promise.allSettled(edits)).filter((result) => result.status === "rejected");
    expect(lost.map(({ reason }) => reason)).toEqual([expect.any(VersionConflict)]);
  }
  for (const table of ["events", "events_3"])
    for (const change of [`delete from sequent_schema.${table}`, `truncate sequent_schema.${table}`])
      await expect(ask(change)).rejects.toThrow("append only");
});

test("an erasure between the copy and the swap is found, and can be done again", async () => {
  const ben = customer();
  await execute(ben);
  const erasure = new PersonalErasure({ knex: database.patient, commandService, eventTypes, commandClasses });
  const erase = () => erasure.erase(new EraseCustomer({ aggregateId: ben.aggregateId, by: "ann" }), {});
  const names = (table = "events") =>
    ask(`select from sequent_schema.${table} where payload ->> 'name' = 'Ben'`);
  await partitionEvents(database.patient, async () => {
    await until(async () => {
      await ask("call sequent_schema.copy_events(true)"); // an open transaction of another database holds it back
      return (await names("new_events")).length === 1;
    }, 50_000);
    await erase();
  });
  expect(await names()).toHaveLength(1);
  expect(await erasure.unfinished([CustomerErased])).toEqual([ben.aggregateId]);
  await erase();
  expect(await names()).toEqual([]);
});

test("the web role and the doctor take partitions for the table, after its file was run again", async () => {
  const role = `sequent_blog_web_${randomBytes(4).toString("hex")}`;
  const give = () =>
    ask(read("src/database/web-role.sql").replaceAll("sequent_blog_web", role).replaceAll("?", "\\?"));
  await give();
  onTestFinished(async () => void (await ask(`drop owned by ${role}; drop role ${role}`)));
  expect(await complaints(role)).toEqual([]);
  await partitionEvents(database.patient);
  expect(await complaints(role)).not.toEqual([]);
  await give();
  expect(await complaints(role)).toEqual([]);
});

/** What the doctor says of the rights of a role. */
async function complaints(webRole: string): Promise<string[]> {
  const patient = { knex: database.patient, isServer: true, webRole, patience: 60 };
  const findings = await examine({ ...patient, modules, projectors, workflows: [] });
  return findings.flatMap(({ level, what }) => (level !== "ok" && what.includes(webRole) ? [what] : []));
}
