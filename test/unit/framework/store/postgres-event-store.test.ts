import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { BaseCommand } from "#sequent";
import {
  emptyUnit,
  newId,
  PostgresEventStore,
  ProjectorFailed,
  StoreUnavailable,
  takeSnapshot,
} from "#sequent/operations";
import { AddCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder, ShipOrder } from "../../../fixtures/shop/order/commands.ts";
import { OrderAddressChanged } from "../../../fixtures/shop/order/events.ts";
import { Order } from "../../../fixtures/shop/order/order.ts";
import { createShop, eventTypes } from "../../../fixtures/shop/shop.ts";
import { countStored } from "../../../support/database.ts";
import { useShop } from "../../../support/shop.ts";

const context = useShop();

describe("stored facts", () => {
  test.each(["commands", "aggregates", "events"])(
    "cannot be changed, deleted or truncated: %s",
    async (table) => {
      await givenOrder();
      const { write } = context.database;
      const refused = { code: "42501" };
      await expect(
        write.raw(`update sequent_schema.${table} set aggregate_id = gen_random_uuid()`),
      ).rejects.toMatchObject(refused);
      await expect(write.raw(`delete from sequent_schema.${table}`)).rejects.toMatchObject(refused);
      await expect(write.raw(`truncate sequent_schema.${table}`)).rejects.toMatchObject(refused);
    },
  );

  test("have no gap in a stream: the database itself refuses one", async () => {
    const { aggregateId, commandId } = await givenOrder();
    const insert = (sequenceNumber: number) =>
      context.database.write.raw(
        `insert into sequent_schema.events
           (aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at)
         values (?, ?, 'OrderPlaced', 0, '{}', ?, now())`,
        [aggregateId, sequenceNumber, commandId],
      );
    await expect(insert(6)).rejects.toMatchObject({ code: "SQ001", constraint: "events_without_gaps" });
    await expect(insert(0)).rejects.toMatchObject({ code: "23514" });
    await expect(insert(4)).rejects.toMatchObject({ code: "23505", constraint: "events_pkey" });
    await insert(5);
  });

  test("have no event without its aggregate and its command", async () => {
    const { aggregateId } = await givenOrder();
    const insert = (aggregate: string, sequenceNumber: number) =>
      context.database.write.raw(
        `insert into sequent_schema.events
           (aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at)
         values (?, ?, 'OrderPlaced', 0, '{}', gen_random_uuid(), now())`,
        [aggregate, sequenceNumber],
      );
    const refused = { code: "SQ001", constraint: "events_with_aggregate_and_command" };
    await expect(insert(aggregateId, 5)).rejects.toMatchObject(refused);
    await expect(insert("01900000-0000-7000-8000-000000000000", 1)).rejects.toMatchObject(refused);
  });

  test("are checked row by row, even if one statement inserts several", async () => {
    const { aggregateId, commandId } = await givenOrder();
    const other = "01900000-0000-7000-8000-000000000000";
    const insert = (...rows: { id?: string; number: number; command?: string; transaction?: string }[]) =>
      context.database.write.raw(
        `insert into sequent_schema.events
           (aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at, xact_id)
         values ${rows.map(() => "(?, ?, 'OrderPlaced', 0, '{}', ?, now(), coalesce(?::xid8, pg_current_xact_id()))")}`,
        rows.flatMap(({ id = aggregateId, number, command = commandId, transaction = null }) => [
          id,
          number,
          command,
          transaction,
        ]),
      );
    const first = { number: 5 };
    const gap = { code: "SQ001", constraint: "events_without_gaps" };
    const stray = { code: "SQ001", constraint: "events_with_aggregate_and_command" };
    await expect(insert(first, { number: 7 })).rejects.toMatchObject(gap);
    await expect(insert(first, { number: 6, id: other })).rejects.toMatchObject(gap);
    await expect(insert(first, { number: 6, command: other })).rejects.toMatchObject(stray);
    await expect(insert(first, { number: 1, id: other })).rejects.toMatchObject(stray);
    await expect(insert(first, { number: 6, transaction: "1" })).rejects.toMatchObject({ code: "SQ006" });
    await insert({ number: 6 }, first);
  });
});

describe("a command", () => {
  afterEach(() => vi.restoreAllMocks());

  test("that makes a new aggregate is one statement; one that loads is two", async () => {
    const { aggregateId, customerAggregateId } = await givenOrder();
    const statements = vi.spyOn(pg.Client.prototype, "query");
    const { commandService } = context.shop;

    await commandService.executeCommands(new PlaceOrder({ customerAggregateId, address: "Here", note: "…" }));
    expect(statements).toHaveBeenCalledTimes(1);

    await commandService.executeCommands(new ChangeOrder({ aggregateId, address: "Other", note: "…" }));
    expect(statements).toHaveBeenCalledTimes(1 + 2);

    await commandService.executeCommands(new ShipOrder({ aggregateId, shippingDate: "2026-01-31" }));
    expect(statements).toHaveBeenCalledTimes(1 + 2 + 2);
  });

  test("that names the seen version loads that version only if it is not the newest, also with a snapshot", async () => {
    const { aggregateId } = await givenOrder();
    const { commandService, eventStore } = context.shop;
    const edit = async (seenVersion: number, address: string) => {
      const statements = vi.spyOn(pg.Client.prototype, "query");
      await commandService.executeCommands(new ChangeOrder({ aggregateId, seenVersion, address, note: "…" }));
      return statements.mock.calls.length;
    };

    expect(await edit(4, "Other")).toBe(2);
    vi.restoreAllMocks();
    await addEvents(aggregateId, 6, 104);
    expect(await takeSnapshot(eventStore, Order, aggregateId)).toBe(true);
    expect(await edit(104, "Another")).toBe(2);
    vi.restoreAllMocks();
    expect(await edit(4, "Here")).toBe(3); // changes nothing, so it is no conflict
    expect((await eventStore.load([aggregateId]))[0]?.events).toHaveLength(105);
  });

  test("whose answer was lost is found in the store, and is not executed again", async () => {
    const query = pg.Client.prototype.query as (...args: unknown[]) => Promise<unknown>;
    const answerLost = async function (this: pg.Client, ...args: unknown[]) {
      await query.apply(this, args);
      throw new Error("Connection terminated unexpectedly");
    };
    const spy = vi.spyOn(pg.Client.prototype, "query").mockImplementationOnce(answerLost as never);
    const command = new AddCustomer({ name: "Ben", email: "ben@example.com" });

    const results = await context.shop.commandService.executeCommands(command);

    expect(results).toEqual([
      { commandId: command.commandId, aggregateId: command.aggregateId, eventCount: 3, version: 3 },
    ]);
    const sent = spy.mock.calls.filter((call) => JSON.stringify(call).includes("store_unit"));
    expect(sent).toHaveLength(1);
    expect(await context.shop.eventStore.load([command.aggregateId])).toHaveLength(1);
  });

  test("that was cut off before it was stored is executed again", async () => {
    const spy = vi.spyOn(pg.Client.prototype, "query").mockImplementationOnce((async () => {
      throw new Error("Connection terminated unexpectedly");
    }) as never);
    const command = new AddCustomer({ name: "Ben", email: "ben@example.com" });

    await context.shop.commandService.executeCommands(command);

    expect(spy.mock.calls.length).toBeGreaterThan(2);
    expect(await context.shop.eventStore.load([command.aggregateId])).toHaveLength(1);
  });
});

test("of 5,000 events and a snapshot reads no more rows than its threshold and one, with one statement", async () => {
  const { aggregateId } = await givenOrder();
  const { commandService, snapshots } = context.shop;
  await addEvents(aggregateId, 5, 5_000);
  await edit(0);
  await snapshots.idle();

  const answers = vi.spyOn(pg.Client.prototype, "query");
  const loadedRows: number[] = [];
  for (let time = 1; time <= 205; time += 1) {
    answers.mockClear();
    await edit(time);
    expect(answers).toHaveBeenCalledTimes(2);
    const loaded = (await answers.mock.results[0]?.value) as { rows: unknown[] } | undefined;
    loadedRows.push(loaded?.rows.length ?? 0);
    await snapshots.idle();
  }
  expect(Math.max(...loadedRows)).toBeGreaterThanOrEqual(99);
  expect(Math.max(...loadedRows)).toBeLessThanOrEqual(Order.snapshots.every + 1);
  const [stream] = await context.shop.eventStore.load([aggregateId]);
  expect(stream?.events).toHaveLength(5_206);

  function edit(time: number) {
    return commandService.executeCommands(
      new ChangeOrder({ aggregateId, address: `Lane ${time}`, note: "…" }),
    );
  }
}, 60_000);

describe("commands that come at once", () => {
  const execute = (command: BaseCommand) => context.shop.commandService.executeCommands(command);

  test("are stored together, by few statements", async () => {
    const { customerAggregateId } = await givenOrder();
    const orders = Array.from(
      { length: 30 },
      () => new PlaceOrder({ customerAggregateId, address: newId(), note: "…" }),
    );
    const statements = vi.spyOn(pg.Client.prototype, "query");

    await Promise.all(orders.map(execute));

    expect(statements.mock.calls.length).toBeLessThan(orders.length / 3);
    const streams = await context.shop.eventStore.load(orders.map(({ aggregateId }) => aggregateId));
    expect(streams.map(({ events }) => events.length)).toEqual(orders.map(() => 4));
  });

  test("are stored in parallel if they are few", async () => {
    const { customerAggregateId } = await givenOrder();
    const statements = vi.spyOn(pg.Client.prototype, "query");

    await Promise.all(
      [1, 2, 3, 4].map((number) =>
        execute(new PlaceOrder({ customerAggregateId, address: `Lane ${number}`, note: "…" })),
      ),
    );

    expect(statements).toHaveBeenCalledTimes(4);
  });

  test("are refused separately, each for its own reason", async () => {
    const { customerAggregateId, aggregateId, commandId } = await givenOrder();
    const add = (values: object = {}) =>
      execute(new PlaceOrder({ customerAggregateId, address: "Here", note: "…", ...values }));

    const before = [add(), add(), add(), add()]; // so that those below are stored together

    const results = await Promise.allSettled([
      add(),
      add(),
      add({ customerAggregateId: newId() }),
      add({ aggregateId }),
      add({ commandId, address: "Other" }),
      add(),
    ]);

    expect(results.map((result) => result.status === "rejected" && result.reason.constructor.name)).toEqual([
      false,
      false,
      "AggregateNotFound",
      "AggregateAlreadyExists",
      "CommandIdReused",
      false,
    ]);
    expect(await Promise.all(before)).toHaveLength(4);
    expect(await countStored(context.database)).toEqual({ events: 3 + 4 + 7 * 4, commands: 2 + 7 });
  });

  test("are not stored together if they change the same row: each change counts", async () => {
    const { customerAggregateId } = await givenOrder();
    const orders = Array.from(
      { length: 10 },
      () => new PlaceOrder({ customerAggregateId, address: "Here", note: "…" }),
    );
    await Promise.all(orders.map(execute));

    await Promise.all(
      orders.map(({ aggregateId }) => execute(new ShipOrder({ aggregateId, shippingDate: "2026-01-31" }))),
    );

    const customer = await context.shop.queries.customer(customerAggregateId);
    expect(customer?.shipped_orders).toBe(10);
  });
});

test("a projector that fails is tried once more, also on a machine that has taken long until then", async () => {
  const store = new PostgresEventStore(context.database.write, eventTypes);
  const cause = new Error("its table has just been replaced");
  const event = OrderAddressChanged.of(newId(), { address: "Quay 1" });
  const failed = new ProjectorFailed("OrderProjector", event, { cause });
  const decide = vi.fn(async () => emptyUnit).mockRejectedValueOnce(failed);
  vi.spyOn(performance, "now").mockReturnValueOnce(-60_000); // when the store began
  await store.store(decide);
  expect(decide).toHaveBeenCalledTimes(2);
  decide.mockRejectedValue(failed);
  await expect(store.store(decide)).rejects.toThrow(failed);
  expect(decide).toHaveBeenCalledTimes(4);
});

test("a server that has become read-only, as after a failover, counts as unavailable for the moment", async () => {
  const { commandService } = createShop({ write: context.database.read, read: context.database.read });
  const released = vi.spyOn(pg.Client.prototype, "end");
  const command = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  await expect(commandService.executeCommands(command)).rejects.toBeInstanceOf(StoreUnavailable);
  expect(released).toHaveBeenCalled(); // the next connection may lead to the new primary
});

/** As if the order had been edited this many times. */
async function addEvents(aggregateId: string, from: number, to: number): Promise<void> {
  const command = new ChangeOrder({ aggregateId, address: "…", note: "…" });
  const events = Array.from(
    { length: to - from + 1 },
    (_, index) =>
      new OrderAddressChanged({
        aggregateId,
        sequenceNumber: from + index,
        createdAt: new Date(),
        address: `${index}`,
      }),
  );
  await context.shop.eventStore.store(async () => ({
    ...emptyUnit,
    commands: [{ command, cause: undefined, events }],
  }));
}

async function givenOrder() {
  const { commandService } = context.shop;
  const customer = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "Here", note: "…" });
  await commandService.executeCommands(customer, order);
  return order;
}
