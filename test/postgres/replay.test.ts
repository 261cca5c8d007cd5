import pg from "pg";
import { beforeEach, expect, test, vi } from "vitest";
import { newId, Replay, verifyViews } from "#sequent/operations";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import { eventTypes, projectors } from "../fixtures/shop/shop.ts";
import { countStored } from "../support/database.ts";
import { useShop } from "../support/shop.ts";
import { until } from "../support/until.ts";

const { FAULT_ROUNDS = "3" } = process.env;
const context = useShop();
const newReplay = () =>
  new Replay({ knex: context.database.patient, projectors, eventTypes, batch: 500, workers: 1 });

beforeEach(async () => {
  await newReplay().abort();
});

test("people send 50 commands a second during a replay, and every event is in its rows once", {
  timeout: 60_000 + Number(FAULT_ROUNDS) * 30_000,
}, async () => {
  const { commandService, queries } = context.shop;
  const customer = new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
  await commandService.executeCommands(customer);
  let shipped = 0;
  let slowest = 0;
  const execute = async (command: PlaceOrder | ShipOrder) => {
    const began = performance.now();
    await commandService.executeCommands(command);
    slowest = Math.max(slowest, performance.now() - began);
  };
  const write = async () => {
    const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "One", note: "Text" });
    const { aggregateId } = order;
    await execute(order);
    await execute(new ShipOrder({ aggregateId, shippingDate: "2026-11-20" }));
    expect(await queries.order(aggregateId)).toMatchObject({ address: "One" });
    shipped += 1;
  };
  const writing: Promise<void>[] = [];
  const began = performance.now();
  const keepsRate = setInterval(() => {
    while (writing.length < (performance.now() - began) / 40) {
      const written = write();
      written.catch(() => {}); // heard below
      writing.push(written);
    }
  }, 10);
  try {
    for (let round = 0; round < Number(FAULT_ROUNDS); round += 1) {
      const replay = newReplay();
      await replay.replay(await replay.plan(projectors));
      expect(await verifyViews({ knex: context.database.patient, projectors, eventTypes })).toBeUndefined();
      const before = shipped;
      await until(() => shipped >= before + 10, 30_000); // so that each has something new to read
    }
  } finally {
    clearInterval(keepsRate);
  }
  const seconds = (performance.now() - began) / 1_000;
  await Promise.all(writing);
  const { rows } = await context.database.read.raw("select shipped_orders from view_schema.customer_records");
  expect(rows).toEqual([{ shipped_orders: shipped }]);
  expect(shipped).toBe(writing.length);
  const { events } = await countStored(context.database);
  expect(events).toBe(3 + 5 * shipped);
  expect(await verifyViews({ knex: context.database.patient, projectors, eventTypes })).toBeUndefined();
  const rate = Math.round((2 * shipped) / seconds);
  console.log(`${2 * shipped} commands, ${rate}/s, the slowest took ${Math.round(slowest)} ms`);
});

test("roles have the same rights on the new tables as on the old ones", async () => {
  const role = `replay_${newId().slice(-8)}`;
  const { write } = context.database;
  await write.raw(`create role ${role}; grant select, insert on view_schema.order_records to ${role}`);
  try {
    const replay = newReplay();
    await replay.replay(await replay.plan(projectors));
    const { rows } = await write.raw(
      `select has_table_privilege('${role}', 'view_schema.order_records', 'select, insert') as may,
              has_table_privilege('${role}', 'view_schema.order_records', 'delete') as may_delete`,
    );
    expect(rows).toEqual([{ may: true, may_delete: false }]);
  } finally {
    await write.raw(`drop owned by ${role}; drop role ${role}`);
  }
});

test("a long reader of a view does not hold up writers, because the switch waits only for moments", async () => {
  const { commandService } = context.shop;
  const customer = new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
  await commandService.executeCommands(customer);
  const reader = await context.database.read.transaction();
  await reader.raw("select count(*) from view_schema.order_records");
  const replay = newReplay();
  const statements = vi.spyOn(pg.Client.prototype, "query");
  const tries = () =>
    statements.mock.calls.filter((query) => /access exclusive mode/.test(JSON.stringify(query))).length;
  const replaying = replay.plan(projectors).then((plan) => replay.replay(plan));
  for (let number = 0; number < 15 || tries() < 5; number += 1) {
    const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "One", note: "Text" });
    await commandService.executeCommands(order);
  }
  expect(await replay.state()).toMatchObject({ phase: "switch" });
  await reader.rollback();
  await replaying;
  expect(await verifyViews({ knex: context.database.patient, projectors, eventTypes })).toBeUndefined();
}, 30_000);

test("a part of a replay reads each page by the index, not the whole log", async () => {
  const { commandService } = context.shop;
  const customer = new AddCustomer({ name: "Ben", email: `${newId()}@example.com` });
  const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "One", note: "Text" });
  await commandService.executeCommands(customer, order);
  const { patient } = context.database;
  const events = 20_000;
  await patient.raw("alter table sequent_schema.events disable trigger user");
  await patient.raw(
    `insert into sequent_schema.events
       (aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at)
     select aggregate_id, sequence_number + number, event_type, event_version, payload, command_id, created_at
       from sequent_schema.events, generate_series(10, ?) as number
      where event_type = 'OrderAddressChanged'`,
    [events + 9],
  );
  await patient.raw("alter table sequent_schema.events enable trigger user");
  await patient.raw("analyze sequent_schema.events");
  const before = await readByLogIndex();
  const replay = newReplay();
  await replay.replay(await replay.plan(projectors));
  expect((await readByLogIndex()) - before).toBeLessThan(2.5 * events);
});

async function readByLogIndex(): Promise<number> {
  const { patient } = context.database;
  await patient.raw("select pg_stat_force_next_flush()");
  const { rows } = await patient.raw(
    "select idx_tup_read::integer as read from pg_stat_user_indexes where indexrelname = 'events_log_idx'",
  );
  return rows[0].read;
}
