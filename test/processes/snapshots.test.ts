import { beforeEach, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { ChangeOrder } from "../fixtures/shop/order/commands.ts";
import { settingsOfWorker } from "../support/database.ts";
import { run } from "../support/process.ts";
import { customer, onShop, orderOf, useShop } from "../support/shop.ts";

const context = useShop();
const id = newId();

async function snapshots(...args: readonly string[]): Promise<{ code: number | string; output: string }> {
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  const env = { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory };
  const program = await run("src/bin/snapshots.ts", env, onShop, args);
  return { code: await program.ended, output: program.output() };
}

async function kept(): Promise<[string, number][]> {
  const { rows } = await context.database.write.raw("select * from sequent_schema.aggregate_snapshots");
  return rows.map((row: Record<string, unknown>) => [row["aggregate_id"], row["sequence_number"]]);
}

/** An order of 104 events, without a snapshot. */
beforeEach(async () => {
  const { commandService } = context.shop;
  const ben = customer();
  await commandService.executeCommands(ben, orderOf(ben.aggregateId, { aggregateId: id }));
  for (let edit = 1; edit <= 100; edit += 1)
    await commandService.executeCommands(
      new ChangeOrder({ aggregateId: id, address: `${edit}`, note: "Ring twice." }),
    );
  await context.shop.snapshots.idle();
  await context.database.write.raw("delete from sequent_schema.aggregate_snapshots");
});

test("npm run snapshots takes snapshots that are due, shows its progress, and has nothing to do the second time", async () => {
  const first = await snapshots();
  expect(first.code).toBe(0);
  expect(first.output).toMatch(/^Taking snapshots: 1 of 1 aggregates, /m);
  expect(first.output).toMatch(/^Took 1 snapshot of .*, deleted 0 of older versions\.$/m);
  expect(await kept()).toEqual([[id, 104]]);
  expect((await snapshots()).output).toContain("Took 0 snapshots of ");
});

test("npm run snapshots -- --delete deletes them, and takes none", async () => {
  await snapshots();
  const deleted = await snapshots("--delete");
  expect(deleted).toMatchObject({ code: 0, output: expect.stringMatching(/^Deleted 1 snapshot of /) });
  expect(await kept()).toEqual([]);
});

test("npm run snapshots ends with 1 if one could not be taken, and says why", async () => {
  await context.database.write.raw(
    `alter table sequent_schema.events disable trigger user;
     update sequent_schema.events set payload = '{}' where aggregate_id = '${id}' and sequence_number = 3;
     alter table sequent_schema.events enable trigger user`,
  );
  const { code, output } = await snapshots();
  expect(code).toBe(1);
  expect(output).toMatch(
    /^1 could not be taken\. The first: .*OrderAddressChanged \(version 0\) of .*, number 3/m,
  );
});

test("npm run snapshots explains itself, also after an unknown option", async () => {
  expect(await snapshots("--help")).toMatchObject({ code: 0, output: expect.stringMatching("-- --delete") });
  const other = await snapshots("--remove");
  expect(other).toMatchObject({ code: 1, output: expect.stringMatching(/Not understood[\s\S]*-- --delete/) });
});
