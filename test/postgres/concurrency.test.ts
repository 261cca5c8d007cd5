import { expect, onTestFinished, test } from "vitest";
import { AggregateKeyNotUnique, type BaseCommand, EditConflict, VersionConflict } from "#sequent";
import { CommandAlreadyStored, emptyUnit, newId } from "#sequent/operations";
import type { RowChange } from "../../src/framework/projections/row-change.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import { customerRecords } from "../fixtures/shop/views/customer-record.ts";
import { useShop } from "../support/shop.ts";

const context = useShop({ databasePool: 30 });

const execute = (...commands: BaseCommand[]) => context.shop.commandService.executeCommands(...commands);

test("of 1,000 sign-ups at once with one address in several spellings, one wins", async () => {
  const before = await deadlocks();
  const spellings = [
    "ben@example.com",
    "Ben@Example.com",
    " BEN@EXAMPLE.COM ",
    "bEn@exAmple.com",
    "ben@EXAMPLE.com",
  ];
  const signUps = Array.from({ length: 1_000 }, async (_, number) => {
    const params = { name: `Ben ${number}`, email: spellings[number % spellings.length] };
    return execute(await AddCustomer.fromParams(params));
  });

  const results = await Promise.allSettled(signUps);

  const refused = results.filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(999);
  expect(refused.filter(({ reason }) => !(reason instanceof AggregateKeyNotUnique))).toEqual([]);
  expect(await context.shop.queries.customers()).toHaveLength(1);
  expect(await deadlocks()).toBe(before);
});

test("of two edits of one version, exactly one wins, 500 times", async () => {
  const order = await givenOrder();
  for (let round = 0; round < 500; round += 1) {
    const seenVersion = 4 + round;
    const edit = (who: string) =>
      execute(new ChangeOrder({ aggregateId: order, address: `${who} ${round}`, note: "…", seenVersion }));

    const results = await Promise.allSettled([edit("Ann"), edit("Ben")]);

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const lost = results.find((result) => result.status === "rejected");
    expect(lost?.reason).toBeInstanceOf(VersionConflict);
  }
});

test("of many edits of one version, each keeps its own fields, 50 times", async () => {
  const aggregateId = await givenOrder();
  let [version, before] = [4, { address: "Here", note: "…" }];
  for (let round = 0; round < 50; round += 1) {
    const after = { address: `Lane ${round}`, note: `Text ${round}` };
    const seen = { aggregateId, seenVersion: version, ...before };
    const edits = [0, 1, 2, 3].flatMap(() => [
      new ChangeOrder({ ...seen, address: after.address }),
      new ChangeOrder({ ...seen, note: after.note }),
    ]);

    const results = await Promise.all(edits.map((edit) => execute(edit)));

    expect(await storedOrder(aggregateId)).toMatchObject({ ...after, version: version + 2 });
    expect(results.flat().filter(({ eventCount }) => eventCount > 0)).toHaveLength(2);
    [version, before] = [version + 2, after];
  }
});

test("of ten edits of one field, one wins and nine show both texts; one that is sent again undoes nothing, 30 times", async () => {
  const aggregateId = await givenOrder();
  for (let round = 0; round < 30; round += 1) {
    const seen = await storedOrder(aggregateId);
    const edits = Array.from({ length: 10 }, (_, number) => {
      const address = `Lane ${round} ${number}`;
      return new ChangeOrder({ aggregateId, seenVersion: seen.version, address, note: seen.note });
    });

    const results = await Promise.allSettled(edits.map((edit) => execute(edit)));

    const { address, version } = await storedOrder(aggregateId);
    expect(version).toBe(seen.version + 1);
    const winners = edits.filter((edit) => edit.address === address);
    expect(winners).toHaveLength(1);
    for (const [index, result] of results.entries()) {
      const mine = edits[index]?.address;
      if (mine === address) continue;
      const reason = result.status === "rejected" && result.reason;
      expect(reason).toBeInstanceOf(EditConflict);
      expect(reason).toMatchObject({ theirs: { address }, mine: { address: mine } });
    }
    await execute(new ChangeOrder({ aggregateId, address: seen.address, note: seen.note })); // put back
    expect(await execute(...winners)).toMatchObject([{ eventCount: 1, version }]);
    expect(await storedOrder(aggregateId)).toMatchObject({ address: seen.address, version: version + 1 });
  }
});

test("four edits without a version are all stored, one after the other", async () => {
  const order = await givenOrder();
  const edits = Array.from({ length: 4 }, (_, number) =>
    execute(new ChangeOrder({ aggregateId: order, address: `Lane ${number}`, note: "…" })),
  );
  await Promise.all(edits);
  const [stream] = await context.shop.eventStore.load([order]);
  expect(stream?.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("a unit that waits for a lock does not hold up other units of the same kind", async () => {
  const [held, free] = [await givenOrder(), await givenOrder()];
  const ship = (aggregateId: string) => execute(new ShipOrder({ aggregateId, shippingDate: "2026-01-31" }));
  const lock = await context.database.write.transaction();
  await lock.raw("select from view_schema.order_records where aggregate_id = ? for update", [held]);
  const ended: string[] = [];
  const behind = ship(held).then(() => ended.push("held"));
  behind.catch(() => {}); // heard below
  await expect.poll(waiting, patience).toBe(1);

  await ship(free);
  ended.push("free");
  expect(await waiting()).toBe(1); // still
  await lock.commit();
  await behind;
  expect(ended).toEqual(["free", "held"]);
});

test("units over {a, b} and over {b, a} do not block each other", async () => {
  const [a, b] = [await givenOrder(), await givenOrder()];
  const before = await deadlocks();
  let stored = 0;
  const edit = (aggregateId: string) => new ChangeOrder({ aggregateId, address: newId(), note: "…" });
  const editor = async (first: string, second: string) => {
    for (let round = 0; round < 50; round += 1) {
      await execute(edit(first), edit(second)).then(
        () => {
          stored += 1;
        },
        () => {}, // it lost the race more often than it may be repeated
      );
    }
  };

  await Promise.all([editor(a, b), editor(b, a), editor(a, b), editor(b, a)]);

  expect(stored).toBeGreaterThan(50);
  expect(await deadlocks()).toBe(before);
  const streams = await context.shop.eventStore.load([a, b]);
  expect(streams.map(({ events }) => events.length)).toEqual([4 + stored, 4 + stored]);
});

test("units that change the same rows of a view, each in its own order, do not block each other", async () => {
  const ids = Array.from({ length: 300 }, () => newId());
  const commit = (rowChanges: readonly RowChange[]) =>
    context.shop.eventStore.store(async () => ({ ...emptyUnit, rowChanges }));
  const customer = { name: "Ben", email: "", shipped_orders: 0, created_at: new Date() };
  await commit(
    ids.map((id) => ({ kind: "insert", table: customerRecords, values: { ...customer, aggregate_id: id } })),
  );
  const before = await deadlocks();
  const changes = ids.map((aggregate_id, index): RowChange => {
    const changes = index % 2 ? { name: "Ann" } : { email: "ann@example.com" };
    return { kind: "update", table: customerRecords, where: { aggregate_id }, changes };
  });

  const units = Array.from({ length: 20 }, (_, number) =>
    commit(number % 2 ? changes : changes.toReversed()),
  );
  const failed = (await Promise.allSettled(units)).filter(({ status }) => status === "rejected");

  expect(failed).toEqual([]);
  expect(await deadlocks()).toBe(before);
});

test("units that repeat the same commands in another order do not block each other", async () => {
  const before = await deadlocks();
  for (let round = 0; round < 5; round += 1) {
    const commands = Array.from(
      { length: 300 },
      () => new ShipOrder({ aggregateId: newId(), shippingDate: "2026-11-20" }),
    );
    const executed = commands.map((command) => ({ command, cause: undefined, events: [] }));
    const units = [executed, executed.toReversed(), executed, executed.toReversed()].map((commands) =>
      context.shop.eventStore.store(async () => ({ ...emptyUnit, commands })),
    );
    const refused = (await Promise.allSettled(units)).filter((result) => result.status === "rejected");
    expect(refused.map(({ reason }) => reason.constructor)).toEqual(
      [1, 2, 3].map(() => CommandAlreadyStored),
    );
  }
  expect(await deadlocks()).toBe(before);
});

test("a replacement of views waits for running units, and new units wait for it", async () => {
  const order = await givenOrder();
  const [row, views] = [
    await context.database.write.transaction(),
    await context.database.write.transaction(),
  ];
  await row.raw("select from view_schema.order_records where aggregate_id = ? for update", [order]);
  onTestFinished(async () => {
    for (const each of [row, views]) if (!each.isCompleted()) await each.rollback();
  });
  const ended: string[] = [];
  const note = <Result>(what: string, work: PromiseLike<Result>) =>
    Promise.resolve(work).then(() => ended.push(what));

  const edited = note("edited", execute(new ChangeOrder({ aggregateId: order, address: "New", note: "…" })));
  await expect.poll(waiting, patience).toBe(1); // for the row
  const replacing = note("replacing", views.raw("select sequent_schema.lock_views()"));
  await expect.poll(waiting, patience).toBe(2); // for the unit
  expect(ended).toEqual([]);
  await row.commit();
  await Promise.all([edited, replacing]); // their answers may come in another order
  expect(ended.splice(0).sort()).toEqual(["edited", "replacing"]);
  const added = note("added", givenCustomer());
  await expect.poll(waiting, patience).toBe(1); // for the views
  ended.push("replaced");
  await views.commit();
  await added;

  expect(ended).toEqual(["replaced", "added"]);
});

async function storedOrder(orderId: string) {
  const order = await context.shop.queries.order(orderId);
  if (!order) throw new Error("There is no such order.");
  return order;
}

async function givenOrder(): Promise<string> {
  const command = new PlaceOrder({ customerAggregateId: await givenCustomer(), address: "Here", note: "…" });
  await execute(command);
  return command.aggregateId;
}

async function givenCustomer(): Promise<string> {
  const command = new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
  await execute(command);
  return command.aggregateId;
}

async function deadlocks(): Promise<number> {
  const { rows } = await context.database.write.raw(
    "select deadlocks::integer from pg_stat_database where datname = current_database()",
  );
  return rows[0].deadlocks;
}

const patience = { timeout: 10_000, interval: 5 };

/** How many wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await context.database.write.raw(
    "select count(*)::integer from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0].count;
}
