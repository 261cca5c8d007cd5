import { beforeEach, describe, expect, test } from "vitest";
import { on, Projector } from "#sequent";
import { type ProjectorClass, Replay, type ReplayOptions, runPart, verifyViews } from "#sequent/operations";
import { AddCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder, ShipOrder } from "../../../fixtures/shop/order/commands.ts";
import { OrderAddressChanged } from "../../../fixtures/shop/order/events.ts";
import { eventTypes, projectors } from "../../../fixtures/shop/shop.ts";
import { CustomerProjector } from "../../../fixtures/shop/views/customer-projector.ts";
import { customerRecords } from "../../../fixtures/shop/views/customer-record.ts";
import { OrderProjector } from "../../../fixtures/shop/views/order-projector.ts";
import { orderRecords } from "../../../fixtures/shop/views/order-record.ts";
import { replayUntil } from "../../../support/replay.ts";
import { storedViews, useShop } from "../../../support/shop.ts";
import { until } from "../../../support/until.ts";

const context = useShop();
const all: readonly ProjectorClass[] = projectors;

const optionsOf = (options: Partial<ReplayOptions> = {}): ReplayOptions => ({
  ...{ knex: context.database.patient, projectors: all, eventTypes },
  ...options,
});
const newReplay = (options?: Partial<ReplayOptions>) => new Replay(optionsOf(options));

const verify = (some: readonly ProjectorClass[] = all) =>
  verifyViews({ knex: context.database.patient, projectors: some, eventTypes, batch: 7 });

beforeEach(async () => {
  await newReplay().abort();
  await context.database.write.raw("delete from sequent_schema.archived_views");
  for (const table of await tablesIn("archive_schema"))
    await context.database.write.raw(`drop table archive_schema.${table}`);
});

async function givenOrders(count = 12): Promise<void> {
  const { commandService } = context.shop;
  const customer = new AddCustomer({ name: "Ben", email: `ben${Math.random()}@example.com` });
  await commandService.executeCommands(customer);
  for (let number = 1; number <= count; number += 1) {
    const { aggregateId } = customer;
    const order = new PlaceOrder({
      customerAggregateId: aggregateId,
      address: `Order ${number}`,
      note: "A\\N\tb\n",
    });
    await commandService.executeCommands(order);
    if (number % 2) await ship(order.aggregateId);
    if (number % 3) await edit(order.aggregateId, "New");
  }
}

const ship = (aggregateId: string) =>
  context.shop.commandService.executeCommands(new ShipOrder({ aggregateId, shippingDate: "2026-01-31" }));
const edit = (aggregateId: string, address: string) =>
  context.shop.commandService.executeCommands(new ChangeOrder({ aggregateId, address, note: "B" }));

/** Events that are stored after the beginning of another test's transaction are projected when the replay catches up. */
const settled = () =>
  until(async () => {
    const { rows } = await context.database.read.raw(
      "select from sequent_schema.events where xact_id >= pg_snapshot_xmin(pg_current_snapshot()) limit 1",
    );
    return rows.length === 0;
  });

async function views() {
  const rows = await storedViews(context.database);
  return Object.fromEntries(
    Object.entries(rows).map(([name, each]) => [name, each.map((row) => JSON.stringify(row)).sort()]),
  );
}

async function tablesIn(schema: string): Promise<string[]> {
  const { rows } = await context.database.write.raw(
    "select tablename from pg_tables where schemaname = ? order by 1",
    [schema],
  );
  return rows.map(({ tablename }: { tablename: string }) => tablename);
}

/** A projector with the same name and another shape. */
describe("a replay", () => {
  test.each([1, 3, 1_000])(
    "leads to the rows that fit the events, in batches of %i events",
    async (batch) => {
      await givenOrders();
      const before = await views();
      await context.database.write.raw("update view_schema.order_records set address = 'spoilt'");
      const replay = newReplay({ batch });
      await replay.replay(await replay.plan(all));
      expect(await views()).toEqual(before);
      expect(await replay.state()).toBeUndefined();
      expect(await tablesIn("replay_schema")).toEqual([]);
    },
  );

  test("works on several ranges of aggregates, without gaps between them and at the ends", async () => {
    await givenOrders();
    const before = await views();
    const ranges: (string | null)[][] = [];
    const replay = newReplay({
      eventsOfRange: 15,
      runPart: (part, onEvents) => {
        ranges.push([part.fromAggregateId, part.toAggregateId]);
        return runPart(context.database.patient, part, { projectors: all, eventTypes }, onEvents);
      },
    });
    await replay.replay(await replay.plan(all));
    expect(ranges.length).toBeGreaterThan(2);
    expect(ranges.map(([from]) => from)).toEqual([null, ...ranges.slice(0, -1).map(([, to]) => to)]);
    expect(ranges.at(-1)?.[1]).toBeNull();
    expect(await views()).toEqual(before);
  });

  test("has the events that are stored while it runs once in its rows, and later events, too", async () => {
    await givenOrders();
    const replay = newReplay({
      batch: 5,
      onProgress: async () => {},
      runPart: async (part, onEvents) => {
        await runPart(context.database.patient, part, { projectors: all, eventTypes }, onEvents);
        await givenOrders(3);
      },
    });
    await replay.replay(await replay.plan(all));
    await givenOrders(2);
    expect(await verify()).toBeUndefined();
  });

  test("makes the same tables, keys and indexes as before", async () => {
    const shape = async () =>
      (
        await context.database.write.raw(
          "select tablename, indexname, indexdef from pg_indexes where schemaname = 'view_schema' order by 1, 2",
        )
      ).rows;
    const before = await shape();
    const replay = newReplay();
    await replay.replay(await replay.plan(all));
    expect(await shape()).toEqual(before);
  });

  test("is one at a time: a second one is refused, and does not disturb the first", async () => {
    await givenOrders(2);
    let second: unknown;
    const replay = newReplay({
      runPart: async (part, onEvents) => {
        second ??= await newReplay()
          .resume()
          .catch((error) => error);
        await runPart(context.database.patient, part, { projectors: all, eventTypes }, onEvents);
      },
    });
    const plan = await replay.plan(all);
    await replay.replay(plan);
    expect(second).toMatchObject({ message: expect.stringContaining("A replay is under way") });
    await replayUntil("run", optionsOf());
    await expect(newReplay().replay(plan)).rejects.toThrow("A replay is under way");
    await newReplay().abort();
    expect(await verify()).toBeUndefined();
  }, 30_000);

  test("that another process has taken over writes nothing any more", async () => {
    await givenOrders(4);
    const replay = newReplay({
      batch: 1,
      runPart: async (part, onEvents) => {
        await context.database.write.raw("update sequent_schema.replays set owner = gen_random_uuid()");
        await runPart(context.database.patient, part, { projectors: all, eventTypes }, onEvents);
      },
    });
    await expect(replay.replay(await replay.plan(all))).rejects.toThrow("taken over by another process");
    const { rows } = await context.database.write.raw(
      "select count(*)::integer from replay_schema.customer_records",
    );
    expect(rows).toEqual([{ count: 0 }]);
  });

  test("is resumed where it stopped, in the middle of a part and before each phase", async () => {
    await givenOrders();
    const before = await views();
    let left = 1;
    const stopping = newReplay({
      batch: 4,
      runPart: (part, onEvents) =>
        runPart(context.database.patient, part, { projectors: all, eventTypes }, (events) => {
          onEvents(events);
          left -= 1;
          if (left === 0) throw new Error("pulled the plug");
        }),
    });
    await expect(stopping.replay(await stopping.plan(all))).rejects.toThrow("pulled the plug");
    expect(await views()).toEqual(before);
    for (const phase of ["optimize", "switch"] as const) {
      const onProgress = (begun: string) => {
        if (begun === phase) throw new Error("pulled the plug");
      };
      await expect(newReplay({ batch: 4, onProgress }).resume()).rejects.toThrow("pulled the plug");
      expect(await newReplay().state()).toMatchObject({ phase, isRunning: false });
      expect(await views()).toEqual(before);
    }
    await newReplay().resume();
    expect(await views()).toEqual(before);
    expect(await verify()).toBeUndefined();
    await expect(newReplay().resume()).rejects.toThrow("No replay is under way.");
  });

  test("is taken over if its owner has not renewed its beat for three seconds, and no earlier", async () => {
    await givenOrders(2);
    await replayUntil("run", optionsOf());
    const { write } = context.database;
    await write.raw(
      "update sequent_schema.replays set owner = gen_random_uuid(), beat_at = clock_timestamp()",
    );
    expect(await newReplay().state()).toMatchObject({ isRunning: true });
    const started = performance.now();
    await newReplay().resume();
    expect(performance.now() - started).toBeGreaterThan(2_500);
    expect(await verify()).toBeUndefined();
  });

  test("that is aborted leaves nothing behind, and does not change the live views", async () => {
    await givenOrders(2);
    const before = await views();
    await replayUntil("optimize", optionsOf());
    expect(await tablesIn("replay_schema")).toHaveLength(3);
    expect(await newReplay().abort()).toBe(true);
    expect(await tablesIn("replay_schema")).toEqual([]);
    expect(await views()).toEqual(before);
  });
});

describe("a replay that fails does not change the live views, and names the event", () => {
  const failing: [string, () => ProjectorClass][] = [
    [
      "the projector throws",
      () =>
        class extends OrderProjector {
          override readonly handlers = [
            on(OrderAddressChanged, ({ address }) => {
              if (address === "Bad") throw new Error("no such luck");
            }),
          ];
        },
    ],
    [
      "the database refuses a row",
      () =>
        class extends OrderProjector {
          override readonly handlers = [
            on(OrderAddressChanged, ({ aggregateId, address, createdAt }) =>
              this.createOrUpdate(orderRecords, {
                ...{ aggregate_id: aggregateId, address, note: "", version: address === "Bad" ? 2 ** 40 : 1 },
                ...{ created_at: createdAt, updated_at: createdAt },
              }),
            ),
          ];
        },
    ],
    [
      "two rows have one key",
      () =>
        class extends OrderProjector {
          override readonly handlers = [
            on(OrderAddressChanged, ({ aggregateId, address, createdAt }) => {
              const times = { created_at: createdAt, updated_at: createdAt };
              if (address.startsWith("Order"))
                this.create(orderRecords, {
                  aggregate_id: aggregateId,
                  address,
                  note: "",
                  version: 1,
                  ...times,
                });
              if (address === "Bad")
                this.create(orderRecords, {
                  aggregate_id: aggregateId,
                  address,
                  note: "",
                  version: 1,
                  ...times,
                });
            }),
          ];
        },
    ],
  ];

  test.each(failing)("%s", async (_, projector) => {
    await givenOrders(3);
    const { rows } = await context.database.read.raw(
      "select aggregate_id as id from view_schema.order_records where address = 'New' limit 1",
    );
    await edit(rows[0].id, "Bad");
    const before = await views();
    const bad = projector();
    await settled();
    const replay = newReplay({ projectors: [bad] });
    await expect(replay.replay(await replay.plan([bad]))).rejects.toThrow(
      new RegExp(`OrderProjector failed on OrderAddressChanged \\(${rows[0].id}, number \\d+\\)`),
    );
    expect(await views()).toEqual(before);
    await givenOrders(1);
  });
});

describe("projectors of another version", () => {
  const shouting = () =>
    class extends OrderProjector {
      static override readonly version: number = OrderProjector.version + 1;
      override readonly handlers = [
        on(OrderAddressChanged, ({ aggregateId, address, sequenceNumber, createdAt }) =>
          this.createOrUpdate(orderRecords, {
            ...{ aggregate_id: aggregateId, address: address.toUpperCase(), note: "" },
            ...{ version: sequenceNumber, created_at: createdAt, updated_at: createdAt },
          }),
        ),
      ];
    };

  test("go live with their rows, and a rollback brings the old views back, with all later events", async () => {
    await givenOrders(3);
    const later = shouting();
    const replay = newReplay({ projectors: [later] });
    await replay.replay(await replay.plan([later]));
    expect(await verify([later])).toBeUndefined();
    expect(await tablesIn("archive_schema")).toEqual(["order_records"]);
    await expect(newReplay({ projectors: [later] }).rollBack()).rejects.toThrow(
      `is of OrderProjector ${OrderProjector.version}, and this program has ${later.version}`,
    );
    await givenOrders(2);
    await newReplay().rollBack();
    expect(await verify()).toBeUndefined();
  });

  test("cannot resume a replay that another version began", async () => {
    const later = shouting();
    await replayUntil("run", optionsOf(), [OrderProjector]);
    await expect(newReplay({ projectors: [later] }).resume()).rejects.toThrow(
      `is of OrderProjector ${OrderProjector.version}, and this program has ${later.version}`,
    );
  });

  test("cannot take the table of another projector", async () => {
    class Taking extends Projector("OrderProjector", { version: 1, tables: [customerRecords] }) {
      readonly handlers = [];
    }
    await expect(newReplay().plan([Taking])).rejects.toThrow(
      '"customer_records" is in the live view of CustomerProjector',
    );
  });
});

describe("a rollback is refused", () => {
  test("if the archive was dropped, or lacks events", async () => {
    await givenOrders(2);
    const replay = newReplay();
    await replay.replay(await replay.plan([CustomerProjector]));
    await context.database.write.raw("update sequent_schema.archived_views set whole = false");
    await expect(newReplay().rollBack()).rejects.toThrow("lacks events");
    await context.database.write.raw("drop table archive_schema.customer_records");
    await expect(newReplay().rollBack()).rejects.toThrow("was dropped");
    await context.database.write.raw("delete from sequent_schema.archived_views");
    await expect(newReplay().rollBack()).rejects.toThrow("The archive is empty");
  });
});

describe("a verification", () => {
  test("finds nothing if all rows fit the events", async () => {
    await givenOrders();
    expect(await verify()).toBeUndefined();
  });

  test.each([
    [
      "was changed",
      "update view_schema.customer_records set name = 'Eve'",
      { table: "customer_records", live: { name: "Eve" }, built: { name: "Ben" } },
    ],
    ["is missing", "delete from view_schema.customer_records", { live: undefined, built: { name: "Ben" } }],
    [
      "should not be",
      "insert into view_schema.order_revision_records values (gen_random_uuid(), 1, 'added', null, now())",
      { live: { change: "added" }, built: undefined },
    ],
  ])("names the first row that %s", async (_, sql, difference) => {
    await givenOrders(1);
    await context.database.write.raw(sql);
    expect(await verify()).toMatchObject(difference);
  });
});
