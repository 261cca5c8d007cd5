import { expect, test } from "vitest";
import { EraseCustomer } from "../fixtures/shop/customer/commands.ts";
import { settingsOfWorker } from "../support/database.ts";
import { run } from "../support/process.ts";
import { customer, onShop, useShop } from "../support/shop.ts";

const context = useShop();

async function doctor(...args: readonly string[]): Promise<{ code: number | string; output: string }> {
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  const env = { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory };
  const program = await run("src/bin/doctor.ts", env, onShop, args);
  return { code: await program.ended, output: program.output() };
}

test("npm run doctor says that all is well, and ends with 1 if it is not", async () => {
  const well = await doctor();
  expect(well.output).toMatch(/^ok {7}migrations: all have run$/m);
  expect(well).toMatchObject({ code: 0, output: expect.not.stringContaining("problem") });

  const ben = customer();
  await context.shop.commandService.executeCommands(ben);
  await context.shop.commandService.executeCommands(
    new EraseCustomer({ aggregateId: ben.aggregateId, by: "ann" }),
  );
  const ill = await doctor();
  expect(ill.output).toMatch(/^problem {2}erasures: .* is not finished\n {9}→ npm run erase -- --reapply$/m);
  expect(ill.code).toBe(1);
  expect(JSON.parse((await doctor("--json")).output)).toContainEqual(
    expect.objectContaining({ level: "problem", check: "erasures", mend: "npm run erase -- --reapply" }),
  );
});
