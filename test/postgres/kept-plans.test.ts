import { expect, test } from "vitest";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import { useShop } from "../support/shop.ts";

const context = useShop({ databasePool: 1 });

test("plans that were made for empty tables do not read whole tables after these have grown", async () => {
  const { commandService } = context.shop;
  const customer = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  await commandService.executeCommands(customer);
  const before = await rowsReadInPassing();
  for (let number = 0; number < 200; number += 1) {
    const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "Here", note: "…" });
    const { aggregateId } = order;
    await commandService.executeCommands(order);
    await commandService.executeCommands(new ChangeOrder({ aggregateId, address: "Other", note: "…" }));
    await commandService.executeCommands(new ShipOrder({ aggregateId, shippingDate: "2026-01-31" }));
  }
  expect((await rowsReadInPassing()) - before).toBeLessThan(1_000); // one scan of one table by each would be 20,000
});

/** Rows that were read by scans, not by a key. */
async function rowsReadInPassing(): Promise<number> {
  const { write } = context.database;
  await write.raw("select pg_stat_force_next_flush()");
  const { rows } = await write.raw(
    `select sum(seq_tup_read)::integer as read from pg_stat_user_tables
      where relname in ('commands', 'aggregates', 'aggregate_snapshots', 'events', 'order_records', 'order_revision_records')`,
  );
  return rows[0].read;
}
