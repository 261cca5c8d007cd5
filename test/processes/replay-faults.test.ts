import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Phase, Replay, verifyViews } from "#sequent/operations";
import { connect, type Database, type DatabaseSettings } from "../../src/database/database.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import { createShop, eventTypes, projectors, type Shop } from "../fixtures/shop/shop.ts";
import { countStored, empty, settingsOfWorker } from "../support/database.ts";
import { portOf, run } from "../support/process.ts";
import { replayUntil } from "../support/replay.ts";
import { rounds } from "../support/rounds.ts";
import { onShop, recreateShop } from "../support/shop.ts";
import { until } from "../support/until.ts";
import { ordering, Visitor } from "../support/visitor.ts";

let settings: DatabaseSettings;
let database: Database;
let shop: Shop;
let customer: AddCustomer;

beforeAll(async () => {
  settings = await settingsOfWorker("replay");
  database = await connect(settings);
  await recreateShop(database);
  shop = createShop(database);
});

beforeEach(async () => {
  await newReplay().abort();
  await empty(database);
  customer = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  await shop.commandService.executeCommands(customer);
});

afterAll(() => database.close());

const options = () => ({ knex: database.patient, projectors, eventTypes, batch: 50 });
const newReplay = () => new Replay(options());
const env = () => ({ DATABASE_URL: settings.databaseUrl });

async function writeOrders(goesOn: () => boolean, customerAggregateId: string): Promise<void> {
  const { commandService } = shop;
  while (goesOn()) {
    const order = new PlaceOrder({ customerAggregateId, address: "One", note: "Text" });
    const { aggregateId } = order;
    await commandService.executeCommands(order);
    await commandService.executeCommands(new ShipOrder({ aggregateId, shippingDate: "2026-11-20" }));
    await commandService.executeCommands(new ChangeOrder({ aggregateId, address: "Two", note: "Text" }));
    await sleep(100); // each round replays all of it
  }
}

async function counts() {
  const { rows } = await database.read.raw(
    `select (select count(*)::integer from sequent_schema.commands where command_type = 'ShipOrder') as commands,
            (select sum(shipped_orders)::integer from view_schema.customer_records) as shipped`,
  );
  return rows[0];
}

const replayProgram = async (...args: string[]) => {
  const started = await run("src/bin/replay.ts", env(), onShop, args);
  return `${await started.ended}: ${started.output()}`;
};
const verified = /^0: [\s\S]*every row agrees with the events/;

const phases: readonly Phase[] = ["run", "optimize", "switch"];

describe("a replay that is killed while people write is resumed, and every event is in its rows once", () => {
  test.each(phases)("in %s", { timeout: 60_000 + rounds * 30_000 }, async (phase) => {
    let writing = true;
    const writer = writeOrders(() => writing, customer.aggregateId);
    for (let round = 0; round < Math.max(rounds, 1); round += 1) {
      await newReplay().abort();
      await replayUntil(phase, options());

      const killed = await run("src/bin/replay.ts", env(), onShop);
      await until(async () => (await newReplay().state())?.owner !== null, 30_000);
      await sleep(Math.random() * 60);
      killed.child.kill("SIGKILL");
      await killed.ended;

      if (await newReplay().state()) await newReplay().resume();
      expect(await newReplay().state()).toBeUndefined();
      expect(await verifyViews({ knex: database.patient, projectors, eventTypes })).toBeUndefined();
    }
    writing = false;
    await writer;
    const { commands, shipped } = await counts();
    expect(shipped).toBe(commands);
    expect(await replayProgram("--verify")).toMatch(verified);
  });
});

test("a blog that is killed while its views are switched has stored each answered command once", {
  timeout: 60_000 + rounds * 30_000,
}, async () => {
  const start = () => run("src/server.ts", env(), onShop);
  let server = await start();
  let port = await portOf(server);
  const visitors = [1, 2, 3].map(
    () => new Visitor(() => `http://localhost:${port}`, ordering(customer.aggregateId)),
  );
  const written = () => visitors.reduce((sum, visitor) => sum + visitor.written.length, 0);
  for (let round = 0; round < Math.max(rounds, 1); round += 1) {
    await newReplay().abort();
    await replayUntil("switch", options());
    const before = written();
    await until(() => written() >= before + 3, 30_000);
    const switching = newReplay().resume();
    await sleep(Math.random() * 60);
    server.child.kill("SIGKILL");
    await server.ended;
    await switching;
    server = await start();
    port = await portOf(server);
    expect(await verifyViews({ knex: database.patient, projectors, eventTypes })).toBeUndefined();
  }
  for (const visitor of visitors) await visitor.stop();
  const orders = visitors.flatMap((visitor) => visitor.written);
  expect(await counts()).toEqual({ commands: orders.length, shipped: orders.length });
  expect((await countStored(database)).events).toBe(3 + 6 * orders.length);
  expect(await replayProgram("--verify")).toMatch(verified);
  console.log(
    `${orders.length} orders, ${visitors.flatMap(({ repeated }) => repeated).length} requests repeated`,
  );
});

test("a second replay at the same time is refused, and --abort ends the first", {
  timeout: 60_000,
}, async () => {
  await replayUntil("run", options());
  await database.write.raw("update sequent_schema.replays set owner = gen_random_uuid()");
  const heart = setInterval(
    () => database.write.raw("update sequent_schema.replays set beat_at = clock_timestamp()").catch(() => {}),
    200,
  );
  const second = await run("src/bin/replay.ts", env(), onShop);
  expect(await second.ended).toBe(1);
  clearInterval(heart);
  expect(second.output()).toMatch(/A replay is under way[\s\S]*--status/);
  expect(second.output()).not.toMatch(/^ {4}at /m);
  const abort = await run("src/bin/replay.ts", env(), onShop, ["--abort"]);
  expect(await abort.ended).toBe(0);
  expect(await newReplay().state()).toBeUndefined();
});

test("the program replays, verifies and rolls back", { timeout: 150_000 }, async () => {
  const replay = replayProgram;
  expect(await replay("--help")).toMatch(/^0: Builds views again/);
  expect(await replay()).toMatch(/^0: Nothing is due/);
  expect(await replay("NoProjector")).toMatch(/^1: There is no "NoProjector"/);
  expect(await replay("OrderProjector", "--dry-run")).toMatch(/OrderProjector \(version 1\): order_records/);
  expect(await replay("OrderProjector", "--batch", "10")).toMatch(
    /^0: [\s\S]*The new views of OrderProjector are live/,
  );
  expect(await replay("--status")).toBe("0: No replay is under way.\n");
  expect(await replay("--rollback")).toMatch(/^0: [\s\S]*are live again/);
  expect(await replay("--verify")).toMatch(/^0: [\s\S]*every row agrees with the events/);
  await database.write.raw("update view_schema.customer_records set name = 'Eve'");
  expect(await replay("--verify")).toMatch(/^1: [\s\S]*name: "Eve", but should be "Ben"/);
  await replay("CustomerProjector");
  expect(await replay("--verify")).toMatch(/^0: /);
});
