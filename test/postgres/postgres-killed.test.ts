import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { BaseCommand } from "#sequent";
import { Replay, StoreUnavailable, verifyViews } from "#sequent/operations";
import { connect } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import { createShop, eventTypes, projectors } from "../fixtures/shop/shop.ts";
import { OwnServer } from "../support/own-server.ts";
import { run } from "../support/process.ts";
import { replayUntil } from "../support/replay.ts";
import { onShop } from "../support/shop.ts";
import { until } from "../support/until.ts";

const rounds = Number(process.env["FAULT_ROUNDS"] ?? 1);

test("if Postgres is killed while a replay catches up and people write, nothing is lost or done twice", {
  timeout: 60_000 + rounds * 60_000,
}, async () => {
  const server = await OwnServer.start();
  const env = { DATABASE_URL: server.url };
  const database = await connect({
    ...{ databaseUrl: server.url, readDatabaseUrl: undefined, databasePool: 10, dataDirectory: "" },
  });
  await migrate(database.patient, { projectors, eventTypes });
  const { commandService } = createShop(database);

  /** A command without an acknowledgement is sent again unchanged. */
  const insist = async (command: BaseCommand) => {
    for (;;) {
      try {
        return await commandService.executeCommands(command);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await sleep(50);
      }
    }
  };
  const customer = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  await insist(customer);
  let goesOn = true;
  let shipped = 0;
  const writers = Array.from({ length: 4 }, async () => {
    while (goesOn) {
      const order = new PlaceOrder({
        customerAggregateId: customer.aggregateId,
        address: "One",
        note: "Text",
      });
      await insist(order);
      await insist(new ShipOrder({ aggregateId: order.aggregateId, shippingDate: "2026-11-20" }));
      shipped += 1;
    }
  });
  const all = { knex: database.patient, projectors, eventTypes };
  const isOwned = async () => typeof (await new Replay(all).state())?.owner === "string";

  for (let round = 1; round <= rounds; round += 1) {
    await replayUntil("switch", all);
    const before = shipped;
    await until(() => shipped >= before + 50, 30_000); // something to catch up with
    const catchingUp = await run("src/bin/replay.ts", env, onShop);
    await until(isOwned, 30_000);
    await sleep(Math.random() * 100);
    await server.kill();
    await server.start();
    await catchingUp.ended;
    expect(catchingUp.output()).not.toMatch(/^ {4}at /m);
    if (await new Replay(all).state()) await new Replay(all).resume();
    expect(await verifyViews(all)).toBeUndefined();
  }
  goesOn = false;
  await Promise.all(writers);
  const { rows } = await database.read.raw(
    `select shipped_orders as counted,
            (select count(*)::integer from sequent_schema.events where event_type = 'OrderShipped') as events
       from view_schema.customer_records`,
  );
  expect(rows).toEqual([{ counted: shipped, events: shipped }]);
  const verification = await run("src/bin/replay.ts", env, onShop, ["--verify"]);
  expect(await verification.ended).toBe(0);
  expect(verification.output()).toContain("every row agrees with the events");
  await database.close();
});
