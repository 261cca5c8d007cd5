import { expect, test, vi } from "vitest";
import type { BaseCommand } from "#sequent";
import { AggregateRepository, Replay, verifyViews } from "#sequent/operations";
import { AddOrderLine, ShipOrder } from "../../fixtures/shop/order/commands.ts";
import { OrderAlreadyShipped } from "../../fixtures/shop/order/errors.ts";
import { Order } from "../../fixtures/shop/order/order.ts";
import { createShop, eventTypes, projectors } from "../../fixtures/shop/shop.ts";
import { customer, orderOf, shipment, useShop } from "../../support/shop.ts";

const context = useShop();
const execute = (...commands: BaseCommand[]) => context.shop.commandService.executeCommands(...commands);

async function givenOrder(): Promise<string> {
  const ben = customer();
  const order = orderOf(ben.aggregateId);
  await execute(ben, order);
  return order.aggregateId;
}

/** Loaded again. */
async function linesOf(orderId: string) {
  const order = await new AggregateRepository(context.shop.eventStore).loadAggregate(Order, orderId);
  return order.state.lines.map(({ product, quantity }) => `${quantity} ${product}`);
}

test("a list in a snapshot continues to grow", async () => {
  const aggregateId = await givenOrder();
  const add = (quantity: number) => execute(new AddOrderLine({ aggregateId, product: "tea", quantity }));
  const quantities = Array.from({ length: Order.snapshots.every }, (_, index) => index + 1);
  for (const quantity of quantities) await add(quantity);
  await context.shop.snapshots.idle();
  const kept = context.database.write.from("sequent_schema.aggregate_snapshots").pluck("aggregate_id");
  expect(await kept).toEqual([aggregateId]);
  await add(500);
  expect(await linesOf(aggregateId)).toEqual([...quantities, 500].map((quantity) => `${quantity} tea`));
});

test("an event of an earlier program is upcast for its aggregate and for views that are built again", async () => {
  const aggregateId = await givenOrder();
  const { write, patient } = context.database;
  await write.raw(
    `insert into sequent_schema.events
       (aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at)
     select aggregate_id, 5, 'OrderLineAdded', 0, '{"product": "tea"}', command_id, now()
       from sequent_schema.events where aggregate_id = ? and sequence_number = 1`,
    [aggregateId],
  );
  expect(await linesOf(aggregateId)).toEqual(["1 tea"]);

  const replay = new Replay({ knex: patient, projectors, eventTypes });
  await replay.replay(await replay.plan(projectors));
  const rows = write.from("view_schema.order_revision_records").where({ change: "line" }).select("value");
  expect(await rows).toEqual([{ value: "1 tea" }]);
  await execute(shipment(aggregateId));
  expect(await verifyViews({ knex: patient, projectors, eventTypes })).toBeUndefined();
});

test("a workflow uses its mailer after the commit, and not after a refusal", async () => {
  const aggregateId = await givenOrder();
  const mailer = { shipped: vi.fn<(orderId: string) => void>() };
  const { commandService } = createShop({ ...context.database, mailer });
  const ship = () =>
    commandService.executeCommands(new ShipOrder({ aggregateId, shippingDate: "2026-11-20" }));
  await ship();
  expect(mailer.shipped.mock.calls).toEqual([[aggregateId]]);
  await expect(ship()).rejects.toThrow(OrderAlreadyShipped);
  expect(mailer.shipped).toHaveBeenCalledTimes(1);
});
