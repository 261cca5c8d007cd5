import { expect, test } from "vitest";
import * as program from "../fixtures/shop/shop.ts";
import { customer, onShop } from "../support/shop.ts";
import { serveTogether } from "../support/two-builds.ts";
import { ordering } from "../support/visitor.ts";

test("an old and a new build serve together before, during and after the replacement of a view, and nobody notices", {
  timeout: 120_000,
}, async () => {
  const { database, written } = await serveTogether({
    program,
    options: onShop,
    later: { file: "./test/fixtures/shop/later-build.ts", projector: "OrderProjector" },
    begin: async (database) => {
      const ben = customer();
      await program.createShop(database).commandService.executeCommands(ben);
      return ordering(ben.aggregateId);
    },
  });
  const { rows } = await database.read.raw("select shipped_orders from view_schema.customer_records");
  expect(rows).toEqual([{ shipped_orders: written }]);
});
