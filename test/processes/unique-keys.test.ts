import { expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { settingsOfWorker } from "../support/database.ts";
import { run } from "../support/process.ts";
import { customer, onShop, useShop } from "../support/shop.ts";

const context = useShop();

async function uniqueKeys(...args: readonly string[]): Promise<{ code: number | string; output: string }> {
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  const env = { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory };
  const program = await run("src/bin/unique-keys.ts", env, onShop, args);
  return { code: await program.ended, output: program.output() };
}

const forgetKeys = () => context.database.write.raw("delete from sequent_schema.aggregate_unique_keys");

test("npm run unique-keys gives customers the right keys, and names those that want the same key", async () => {
  const [first, second] = [newId(), newId()].sort();
  for (const aggregateId of [first, second]) {
    await context.shop.commandService.executeCommands(customer({ aggregateId }));
    await forgetKeys();
  }
  const conflict = `Not unique: ${second} wants a key of scope customer_email, but ${first} has it.`;
  const dry = await uniqueKeys("--dry-run");
  expect(dry.output).toContain("Of 2 aggregates, the keys of 1 would be changed; nothing was.");
  expect(dry).toMatchObject({ code: 1, output: expect.stringContaining(conflict) });

  const done = await uniqueKeys("Customer", "--batch", "1");
  expect(done.output).toContain("Of 2 aggregates, the keys of 1 were changed.");
  expect(done).toMatchObject({ code: 1, output: expect.stringContaining(conflict) });
  expect(done.output).toMatch(/^Comparing keys: 2 of 2 aggregates, /m);
  expect(await context.shop.eventStore.findByUniqueKey("customer_email", "ben@example.com")).toBe(first);
  expect(await uniqueKeys("Order")).toMatchObject({ code: 0 });
  expect((await uniqueKeys("Nobody")).output).toContain(
    'no aggregates of type "Nobody", but Customer, Order',
  );
});
