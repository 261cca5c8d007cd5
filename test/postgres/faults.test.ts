import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { newId, StoreUnavailable } from "#sequent/operations";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { databaseUrl } from "../support/postgres.ts";
import { foldedViews, storedEvents, storedViews, useShop } from "../support/shop.ts";

const context = useShop({ databasePool: 8 });

test("cut connections lose nothing that was acknowledged, and repeating is safe", async () => {
  const { commandService } = context.shop;
  const cutter = cutConnections();
  const acknowledged: AddCustomer[] = [];
  const unknown: AddCustomer[] = [];
  const signUp = async () => {
    for (let round = 0; round < 60; round += 1) {
      const command = new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
      await commandService.executeCommands(command).then(
        () => acknowledged.push(command),
        (error) => {
          expect(error).toBeInstanceOf(StoreUnavailable);
          unknown.push(command);
        },
      );
    }
  };
  await Promise.all([signUp(), signUp(), signUp(), signUp(), signUp()]);
  const cuts = await cutter.stop();

  expect(cuts).toBeGreaterThan(5);
  expect(acknowledged.length).toBeGreaterThan(100);
  for (const command of unknown) await commandService.executeCommands(command);
  const streams = await context.shop.eventStore.load(
    [...acknowledged, ...unknown].map(({ aggregateId }) => aggregateId),
  );
  expect(streams).toHaveLength(300);
  expect(streams.every(({ events }) => events.length === 3)).toBe(true);
  expect(await storedViews(context.database)).toEqual(
    await foldedViews(await storedEvents(context.database)),
  );
});

test("a command that is sent twice has one answer, or may be sent again, whatever connection is cut", async () => {
  const { commandService } = context.shop;
  const cutter = cutConnections();
  let answered = 0;
  const refused: unknown[] = [];
  const sendTwice = async () => {
    for (let round = 0; round < 60; round += 1) {
      const command = new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
      for (const _ of ["first", "second"])
        await commandService.executeCommands(command).then(
          () => {
            answered += 1;
          },
          (error) => refused.push(error),
        );
    }
  };
  await Promise.all([sendTwice(), sendTwice(), sendTwice(), sendTwice(), sendTwice()]);
  await cutter.stop();

  expect(refused.filter((error) => !(error instanceof StoreUnavailable))).toEqual([]);
  expect(refused.length).toBeGreaterThan(0);
  expect(answered).toBeGreaterThan(100);
});

/** Ends connections of this database at random, from a connection of its own. */
function cutConnections() {
  let cutting = true;
  let cuts = 0;
  const done = (async () => {
    const { rows } = await context.database.write.raw("select current_database() as name");
    const url = new URL(await databaseUrl());
    url.pathname = `/${rows[0].name}`;
    const client = new pg.Client({ connectionString: url.toString() });
    await client.connect();
    while (cutting) {
      const { rowCount } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and random() < 0.3`,
      );
      cuts += rowCount ?? 0;
      await sleep(15);
    }
    await client.end();
    return cuts;
  })();
  return {
    stop: () => {
      cutting = false;
      return done;
    },
  };
}
