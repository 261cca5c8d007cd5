import { newId } from "#sequent/operations";
import type { Database, DatabaseSettings } from "../../src/database/database.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import * as program from "../fixtures/shop/shop.ts";
import { recreate, useProgram } from "./database.ts";
import { viewsOf } from "./views.ts";

export const { storedEvents, foldedViews, storedViews } = viewsOf(program);

/** Options of Node that make a program run on the shop. */
export const onShop = [
  ...["--import", "./src/typescript.js"],
  ...["--import", "./test/fixtures/shop/as-the-blog.js"],
];

/** A shop on a database of this worker's own, empty before each test. */
export function useShop(settings: Partial<DatabaseSettings> = {}): {
  readonly shop: program.Shop;
  readonly database: Database;
} {
  const used = useProgram(program, program.createShop, settings);
  return {
    get shop() {
      return used.running;
    },
    get database() {
      return used.database;
    },
  };
}

/** A customer, by default Ben. */
export function customer({
  aggregateId = newId(),
  name = "Ben",
  email = "ben@example.com",
} = {}): AddCustomer {
  return new AddCustomer({ aggregateId, name, email });
}

export function orderOf(
  customerAggregateId: string,
  { aggregateId = newId(), address = "1 Moss Lane", note = "Ring twice." } = {},
): PlaceOrder {
  return new PlaceOrder({ aggregateId, customerAggregateId, address, note });
}

export function shipment(aggregateId: string): ShipOrder {
  return new ShipOrder({ aggregateId, shippingDate: "2026-11-20" });
}

/** From nothing. */
export function recreateShop(database: Database): Promise<void> {
  return recreate(database, program);
}
