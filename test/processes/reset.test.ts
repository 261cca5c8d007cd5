import { expect, test } from "vitest";
import { countStored, settingsOfWorker } from "../support/database.ts";
import { portOf, production, run } from "../support/process.ts";
import { customer, onShop, useShop } from "../support/shop.ts";
import { until } from "../support/until.ts";

const context = useShop();

async function environment() {
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  return { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory };
}

async function reset(args: readonly string[], env = {}): Promise<{ code: number | string; output: string }> {
  const program = await run("src/bin/reset.ts", { ...(await environment()), ...env }, onShop, args);
  return { code: await program.ended, output: program.output() };
}

test("npm run reset deletes everything while a server runs, which continues to answer", async () => {
  const server = await run("src/server.ts", await environment(), onShop);
  const address = `http://localhost:${await portOf(server)}`;
  const statuses = new Set<number>();
  let added = 0;
  const add = async () => {
    added += 1;
    const body = JSON.stringify({ name: "Ben", email: `ben.${added}@example.com` });
    const headers = { "Content-Type": "application/json" };
    const { status } = await fetch(`${address}/AddCustomer`, { method: "POST", headers, body });
    statuses.add(status);
    statuses.add((await fetch(address)).status);
  };
  let isOver = false;
  const visitors = [1, 2, 3].map(async () => {
    while (!isOver) await add();
  });
  await until(() => added > 20);
  for (const _ of [1, 2]) {
    const { code, output } = await reset(["--yes"]);
    expect(output).toMatch(/^Deleted \d+ events, and all views: .* is empty and up to date\.$/m);
    expect(code).toBe(0);
  }
  isOver = true;
  await Promise.all(visitors);
  expect([...statuses]).toEqual([200]);

  await reset(["--yes"]);
  added = 0; // the first address is free again
  await add();
  expect(await (await fetch(address)).json()).toMatchObject([{ email: "ben.1@example.com" }]);
});

test("npm run reset deletes nothing without a terminal to ask on, nor in production", async () => {
  await context.shop.commandService.executeCommands(customer());
  expect(await reset([])).toEqual({
    code: 1,
    output:
      "There is no terminal to ask on, so nothing was deleted. To delete without a question: npm run reset -- --yes\n",
  });
  const refused = await reset(["--yes"], production);
  expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/^NODE_ENV is production/) });
  expect(await countStored(context.database)).toEqual({ events: 3, commands: 1 });
});
