import { describe, expect, test } from "vitest";
import { column, on, Projector, table } from "#sequent";
import { buildViews, type ViewBuilding } from "#sequent/operations";
import { AddCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";
import { PlaceOrder, ShipOrder } from "../../../fixtures/shop/order/commands.ts";
import { eventTypes, projectors } from "../../../fixtures/shop/shop.ts";
import { CustomerProjector } from "../../../fixtures/shop/views/customer-projector.ts";
import { foldedViews, storedEvents, storedViews, useShop } from "../../../support/shop.ts";

const context = useShop();

const nameRecords = table("name_records", {
  columns: { customer_id: column.uuid, name: column.text },
  primaryKey: ["customer_id"],
});

class NameProjector extends Projector("NameProjector", { version: 1, tables: [nameRecords] }) {
  readonly handlers = [
    on(CustomerNameSet, ({ aggregateId, name }) =>
      this.create(nameRecords, { customer_id: aggregateId, name }),
    ),
  ];
}

const build = (built: ViewBuilding["projectors"], atMost?: number) =>
  context.database.patient.transaction((transaction) =>
    buildViews(transaction, { projectors: built, eventTypes, atMost }),
  );

const forget = async () => {
  await context.database.write.raw("drop table if exists view_schema.name_records");
  await context.database.write.raw(
    "update sequent_schema.projector_states set version = 1; delete from sequent_schema.projector_states where projector = 'NameProjector'",
  );
};

describe("views", () => {
  test("of a new projector show earlier events, and are built once", async () => {
    const customer = await givenCustomer();
    expect(await build([NameProjector])).toEqual(["NameProjector"]);
    expect(
      await context.database.read.raw("select * from view_schema.name_records").then(({ rows }) => rows),
    ).toEqual([{ customer_id: customer, name: "Ben" }]);
    expect(await build([NameProjector])).toEqual([]);
    await forget();
  });

  test("are found by the saved name, even if the class was renamed", async () => {
    class a extends CustomerProjector {}
    expect(await build([a])).toEqual([]);
  });

  test("of a projector with a higher version are built again, with equal rows", async () => {
    await givenCustomer();
    await context.database.write.raw(
      "update view_schema.customer_records set name = 'spoilt', shipped_orders = 7",
    );
    class Later extends CustomerProjector {
      static override readonly version: number = 2;
    }
    expect(await build([Later])).toEqual(["CustomerProjector"]);
    expect(await storedViews(context.database)).toEqual(
      await foldedViews(await storedEvents(context.database)),
    );
    expect(await build([CustomerProjector])).toEqual([]);
    await forget();
  });

  test("are not built if there are too many events for a start", async () => {
    await givenCustomer();
    const { rows } = await context.database.read.raw("select count(*)::integer from sequent_schema.events");
    const events: number = rows[0].count;
    expect(await build([NameProjector], events - 1)).toEqual([]);
    expect(await build([NameProjector], events)).toEqual(["NameProjector"]);
    await forget();
  });

  test("are not built if two projectors list one table", async () => {
    class Thief extends Projector("ThiefProjector", { version: 1, tables: [nameRecords] }) {
      readonly handlers = [];
    }
    await expect(build([NameProjector, Thief])).rejects.toThrow(
      'The table "name_records" is listed by NameProjector and by ThiefProjector.',
    );
  });

  test("do not change if the build fails", async () => {
    await givenCustomer();
    const before = await storedViews(context.database);
    class Failing extends CustomerProjector {
      static override readonly version: number = 2;
      override readonly handlers = [
        on(CustomerNameSet, () => {
          throw new Error("no such luck");
        }),
      ];
    }
    await expect(build([Failing])).rejects.toThrow(
      /CustomerProjector failed on CustomerNameSet .* no such luck/,
    );
    expect(await storedViews(context.database)).toEqual(before);
    expect(await build(projectors)).toEqual([]);
  });
});

async function givenCustomer(): Promise<string> {
  const customer = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "Here", note: "…" });
  const ship = new ShipOrder({ aggregateId: order.aggregateId, shippingDate: "2026-01-31" });
  await context.shop.commandService.executeCommands(customer, order, ship);
  return customer.aggregateId;
}
