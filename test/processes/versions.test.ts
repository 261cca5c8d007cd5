import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { CommandService, newId } from "#sequent/operations";
import { connect, type Database, type DatabaseSettings } from "../../src/database/database.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { commandHandlers, createShop } from "../fixtures/shop/shop.ts";
import { settingsOfWorker } from "../support/database.ts";
import { portOf, run } from "../support/process.ts";
import { onShop, recreateShop } from "../support/shop.ts";

let settings: DatabaseSettings;
let database: Database;

beforeAll(async () => {
  settings = await settingsOfWorker("versions");
  database = await connect(settings);
  await recreateShop(database);
  await createShop(database).commandService.executeCommands(
    new AddCustomer({ name: "Ben", email: `${newId()}@example.com` }),
  );
});
beforeEach(() => setVersion(1));
afterAll(async () => {
  await setVersion(1);
  await database.close();
});

const setVersion = (version: number) =>
  database.write.raw(
    "update sequent_schema.projector_states set version = ? where projector = 'OrderProjector'",
    [version],
  );

const environment = () => ({
  DATABASE_URL: settings.databaseUrl,
  REPLAY_AT_START: "0",
});

const start = () => run("src/server.ts", environment(), onShop);

const status = (port: number, path: string) =>
  fetch(`http://localhost:${port}${path}`).then((answer) => answer.status);

test("a build whose view is missing says which replay is due, and is ready when it is done", async () => {
  await setVersion(0);
  const started = await start();
  const port = await portOf(started);
  expect(started.output()).toContain("OrderProjector has no view yet (npm run replay -- OrderProjector)");
  expect(await status(port, "/healthz")).toBe(200);
  expect(await status(port, "/readyz")).toBe(503);
  await setVersion(1);
  expect(await status(port, "/readyz")).toBe(200);
});

test("a build that is older than a view says so, and serves pages", async () => {
  await setVersion(2);
  const started = await start();
  const port = await portOf(started);
  expect(started.output()).toContain("this build is older than the view of OrderProjector (1 < 2)");
  expect(await status(port, "/readyz")).toBe(200);
  expect(await status(port, "/")).toBe(200);
});

test("a build projects events that another one deferred, even without requests", async () => {
  const { eventStore } = createShop(database);
  const without = new CommandService({ eventStore, commandHandlers });
  await without.executeCommands(new AddCustomer({ name: "Ben", email: `${newId()}@example.com` }));
  expect(await deferred()).toBe(3 * 3);
  await portOf(await start());
  await vi.waitFor(async () => expect(await deferred()).toBe(0), { timeout: 30_000 });
});

test("a program can forget the view of a projector that it does not have, but not of one that it has", async () => {
  await database.write.raw(
    "insert into sequent_schema.projector_states values ('TagProjector', 1, '{tags}')",
  );
  const migrate = (...args: string[]) => run("src/bin/migrate.ts", environment(), onShop, args);
  const done = await migrate("--forget", "TagProjector");
  expect(await done.ended).toBe(0);
  expect(done.output()).toMatch(/^The view of TagProjector is gone from /);
  const refused = await migrate("--forget", "OrderProjector");
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toMatch(/^This build has OrderProjector\./);
});

async function deferred(): Promise<number> {
  const { rows } = await database.write.raw("select count(*)::integer from sequent_schema.deferred_events");
  return rows[0].count;
}
