import { expect, test, vi } from "vitest";
import { newId } from "#sequent/operations";
import { EraseCustomer } from "../fixtures/shop/customer/commands.ts";
import { settingsOfWorker } from "../support/database.ts";
import { beginToStore } from "../support/late-commits.ts";
import { type RunningProcess, run } from "../support/process.ts";
import { DatabaseProxy } from "../support/proxy.ts";
import { customer, onShop, orderOf, useShop } from "../support/shop.ts";

const context = useShop();

async function start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<RunningProcess> {
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  return run(
    "src/bin/events.ts",
    { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory, ...env },
    onShop,
    args,
  );
}

async function events(...args: readonly string[]): Promise<{ code: number | string; output: string }> {
  const program = await start(args);
  return { code: await program.ended, output: program.output() };
}

async function given() {
  const command = customer({ email: `${newId()}@example.com` });
  await context.shop.commandService.executeCommands(command);
  return command;
}

test("npm run events shows the newest events, oldest first, and says if there are earlier ones", async () => {
  const ben = await given();
  const order = orderOf(ben.aggregateId);
  await context.shop.commandService.executeCommands(order);
  const { code, output } = await events("--limit", "3");
  expect(output.split("\n")).toEqual([
    "… there are earlier events: see --limit",
    expect.stringMatching(/^\d{4}-\d\d-\d\dT\S+Z {2}PlaceOrder → Order [\w-]{36}$/),
    expect.stringMatching(new RegExp(`^ {4}2 {2}OrderCustomerSet +customerAggregateId: ${ben.aggregateId}$`)),
    expect.stringMatching(/^ {4}3 {2}OrderAddressChanged +address: "1 Moss Lane"$/),
    expect.stringMatching(/^ {4}4 {2}OrderNoteChanged +note: "Ring twice\."$/),
    "",
  ]);
  expect(code).toBe(0);
});

test("npm run events -- <id> shows all events of one aggregate and what is erased, and has six fields in JSON", async () => {
  const [ben] = [await given(), await given()];
  const { aggregateId } = ben;
  const { commandService } = context.shop;
  await commandService.executeCommands(new EraseCustomer({ aggregateId, by: "ann", userId: "ann" }));
  await context.database.write.raw("select sequent_schema.erase_personal(?, ?, '[]')", [
    aggregateId,
    JSON.stringify([{ sequence_number: 2, event_version: 0, payload: { name: "[erased]" } }]),
  ]);
  const { output } = await events(aggregateId.toUpperCase());
  expect(output).toMatch(/^ {4}2 {2}CustomerNameSet +name: \[erased\]$/m);
  expect(output).toMatch(/EraseCustomer → Customer .* by ann\n {4}4 {2}CustomerErased +by: "ann"\n$/);
  expect(output.match(/→/g)).toHaveLength(2);

  const lines = (await events(aggregateId, "--json", "--limit", "1")).output.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      aggregateId,
      sequenceNumber: 4,
      type: "CustomerErased",
      createdAt: expect.stringMatching(/Z$/),
      payload: { by: "ann" },
      commandId: expect.any(String),
    },
  ]);
});

test.each([
  [["Ada"], '"Ada" is not an id.'],
  [[newId()], "There is no aggregate"],
  [[newId(), newId()], "One id is enough"],
  [["--limit", "none"], '--limit is "none", but must be a whole number'],
])("npm run events says what is wrong with %j", async (args, message) => {
  const { code, output } = await events(...args);
  expect(output).toContain(message);
  expect(output).not.toMatch(/^ {4}at /m);
  expect(code).toBe(1);
});

test("npm run events says that nothing has happened yet, and what to do", async () => {
  const { code, output } = await events();
  expect(output).toMatch(/^Nothing has happened yet in .*"npm start".*"npm run console"\.$/m);
  expect(code).toBe(0);
});

test("npm run events says where to begin if there are no tables at all", async () => {
  const program = await run("src/bin/events.ts", {}, onShop);
  expect(await program.ended).toBe(1);
  expect(program.output()).toMatch(
    /^There is nothing in embedded Postgres in .* yet\. Run "npm start" first\.$/m,
  );
});

test("npm run events -- --follow shows each new event in the order of the log, also late commits, until Ctrl-C", async () => {
  const before = await given();
  const follower = await start(["--follow", "--json"]);
  await follower.wrote(new RegExp(before.aggregateId));
  const late = await beginToStore(context.database.patient);
  const early = await given();
  await follower.wrote(/Newer events wait until an open transaction on this server has ended\./);
  expect(follower.output()).not.toContain(early.aggregateId);
  await late.transaction.commit();
  await follower.wrote(new RegExp(`${early.aggregateId}.*CustomerEmailSet`));
  const ids = [...follower.output().matchAll(/"aggregateId":"(.*?)"/g)].map(([, id]) => id);
  const each = [before.aggregateId, late.id, early.aggregateId];
  expect(ids).toEqual(each.flatMap((id) => [id, id, id]));
  follower.child.kill("SIGINT");
  expect(await follower.ended).toBe(0);
});

test("npm run events -- --follow says when the connection is lost, and continues from the last event", async () => {
  const { databaseUrl } = await settingsOfWorker();
  const before = await given();
  const proxy = await DatabaseProxy.to(databaseUrl);
  const follower = await start(["--follow"], { DATABASE_URL: proxy.url(databaseUrl) });
  await follower.wrote(new RegExp(before.aggregateId));
  proxy.swallow();
  await follower.wrote(/^The events cannot be read \(.*\)\. Trying again …$/m);
  proxy.swallow(false);
  const after = await given();
  await follower.wrote(/^The events can be read again\.$/m);
  await follower.wrote(new RegExp(after.aggregateId));
  expect(follower.output().split(after.aggregateId)).toHaveLength(2);
  expect(follower.output().split(before.aggregateId)).toHaveLength(2);
  await proxy.close();
});

test("npm run events -- --follow ends if nobody reads its output any more", async () => {
  await given();
  const follower = await start(["--follow"]);
  await follower.wrote(/CustomerEmailSet/);
  follower.child.stdout?.destroy();
  await vi.waitFor(
    async () => {
      await given(); // a pipe tells the next writer that it is closed
      expect(follower.child.exitCode).toBe(0);
    },
    { timeout: 10_000, interval: 300 },
  );
});
