import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { BaseCommand } from "#sequent";
import { newId } from "#sequent/operations";
import { AddCustomer, EraseCustomer } from "../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder } from "../fixtures/shop/order/commands.ts";
import { settingsOfWorker } from "../support/database.ts";
import { type RunningProcess, run } from "../support/process.ts";
import { onShop, storedEvents, useShop } from "../support/shop.ts";

const context = useShop();

async function given(...commands: readonly BaseCommand[]): Promise<void> {
  for (const command of commands) await context.shop.commandService.executeCommands(command);
}

async function start(...args: readonly string[]): Promise<RunningProcess> {
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  const env = { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory };
  return run("src/bin/erase.ts", env, onShop, args);
}

async function erase(...args: readonly string[]): Promise<{ code: number | string; output: string }> {
  const program = await start(...args);
  return { code: await program.ended, output: program.output() };
}

const waiting = { timeout: 30_000, interval: 20 };

async function waitingFor(table: string): Promise<number> {
  const { rows } = await context.database.write.raw(
    "select count(*)::integer from pg_locks where relation = ?::regclass and not granted",
    [table],
  );
  return rows[0].count;
}

const zelda = () => new AddCustomer({ name: "Zelda Quill", email: "zelda@quill.example" });

test("npm run erase erases a customer and prints a certificate; a dry run only counts", async () => {
  const customer = zelda();
  await given(customer);
  const id = customer.aggregateId;
  const dry = await erase("customer", id, "--dry-run");
  expect(dry).toMatchObject({
    code: 0,
    output: expect.stringContaining("2 events and 1 command. Nothing was changed."),
  });
  const done = await erase("customer", id, "--by", "ann", "--reason", "asked for it");
  expect(done.output).toMatch(/^Erased customer .*: 2 events and 1 command\.$/m);
  expect(done.output).toMatch(/^ {2}sequent_schema\.events: 4 rows, 0 found$/m);
  expect(done.output).toMatch(/^\d+ tables, \d+ rows\. Found nowhere\.$/m);
  expect(done.code).toBe(0);
  const { output } = await erase("--list");
  expect(JSON.parse(output)).toMatchObject({ kind: "customer", id, by: "ann", reason: "asked for it" });
});

test("npm run erase ends with 1 and names the place if a person must decide about a value", async () => {
  const customer = zelda();
  const order = new PlaceOrder({
    customerAggregateId: customer.aggregateId,
    address: "On me",
    note: "I am Zelda Quill.",
  });
  await given(customer, order);
  const { code, output } = await erase("customer", customer.aggregateId);
  expect(code).toBe(1);
  expect(output).toContain(`view_schema.order_records aggregate_id=${order.aggregateId}: note`);
  expect(output).toContain("Somebody has to look there and decide.");
  expect(await erase("--search", "Zelda Quill")).toMatchObject({ code: 1 });
  expect(await erase("--search", "Nobody At All")).toMatchObject({ code: 0 });
});

test("npm run erase that is killed during its search has changed nothing, and the next one searches and certifies", async () => {
  const customer = zelda();
  const note = "I am Zelda Quill.";
  const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "On me", note });
  await given(customer, order);
  const locked = await context.database.patient.transaction();
  await locked.raw("lock table web_schema.rate_limits in access exclusive mode");
  const killed = await start("customer", customer.aggregateId);
  await vi.waitFor(async () => expect(await waitingFor("web_schema.rate_limits")).toBe(1), waiting);
  // Meanwhile everybody continues, also with data of the customer.
  await given(zelda(), new ChangeOrder({ aggregateId: order.aggregateId, address: "On her", note }));
  killed.child.kill("SIGKILL");
  await killed.ended;
  await locked.rollback();

  const { code, output } = await erase("customer", customer.aggregateId);
  expect(output).toMatch(/^Erased customer .*: 2 events and 1 command\.$/m);
  expect(output).toMatch(/Found in \d+ rows:$/m);
  expect(code).toBe(1);
});

test.each([
  [
    "that cannot search because a table is in use names the process that uses it",
    undefined,
    /in use, by process \d+ .*pg_terminate_backend/,
  ],
  [
    "that loses its database says to run it again",
    "select pg_terminate_backend(pid) from pg_locks where relation = 'web_schema.rate_limits'::regclass and not granted",
    /^The connection to Postgres at .* was lost .*: run the same command again\.$/m,
  ],
])("npm run erase %s", async (_, cut, message) => {
  const customer = zelda();
  await given(customer);
  const locked = await context.database.patient.transaction();
  try {
    await locked.raw("lock table web_schema.rate_limits in access exclusive mode");
    const program = await start("customer", customer.aggregateId);
    await vi.waitFor(async () => expect(await waitingFor("web_schema.rate_limits")).toBe(1), waiting);
    if (cut) await context.database.write.raw(cut);
    expect(await program.ended).toBe(1);
    expect(program.output()).toMatch(message);
    expect(program.output()).not.toMatch(/^ {4}at /m);
  } finally {
    await locked.rollback();
  }
  expect((await erase("customer", customer.aggregateId)).output).toMatch(/Found nowhere\.$/m);
});

test("npm run erase of an erased customer says that it has no values to search for, and what to do", async () => {
  const customer = zelda();
  await given(customer);
  expect((await erase("customer", customer.aggregateId)).code).toBe(0);
  const { code, output } = await erase("customer", customer.aggregateId);
  expect(output).toMatch(/is erased already.*\n.*npm run erase -- --search "<name>" --search "<address>"/);
  expect(code).toBe(1);
  const search = await erase("--search", customer.name, "--search", customer.email);
  expect(search).toMatchObject({ code: 0, output: expect.stringMatching(/for 2 texts[\s\S]*Found nowhere/) });
});

test("npm run erase erases all named customers, each with a certificate, or nobody if one is unknown", async () => {
  const [one, other, unknown] = [
    zelda(),
    new AddCustomer({ name: "Ida Finch", email: "ida@finch.example" }),
    newId(),
  ];
  await given(one, other);
  const ids = [one.aggregateId, other.aggregateId];
  for (const args of [
    [...ids, unknown],
    [...ids, unknown, "--dry-run"],
  ])
    expect(await erase("customer", ...args)).toEqual({
      code: 1,
      output: `There is no customer ${unknown}.\n`,
    });
  expect(JSON.stringify(await storedEvents(context.database))).not.toContain("[erased]");
  expect((await erase("--list")).output).toBe("");

  const dry = await erase("customer", ...ids, "--dry-run");
  expect(dry.output.match(/^Would erase customer .*: 2 events and 1 command/gm)).toHaveLength(2);
  const { code, output } = await erase("customer", ...ids, one.aggregateId);
  for (const id of ids) expect(output).toContain(`Erased customer ${id}: 2 events and 1 command.`);
  expect(output.match(/Found nowhere\.$/gm)).toHaveLength(2);
  expect(code).toBe(0);
});

test("npm run erase -- --reapply finishes stopped erasures, and repeats those that a restored backup lacks", async () => {
  const [stopped, restored] = [zelda(), new AddCustomer({ name: "Ida Finch", email: "ida@finch.example" })];
  await given(stopped, restored, new EraseCustomer({ aggregateId: stopped.aggregateId, by: "ann" }));
  expect((await erase("--reapply")).output).toMatch(/^1 of 1 erasures were left to do\.$/m);
  expect((await erase("--reapply")).output).toMatch(/^0 of 1 erasures were left to do\.$/m);

  const directory = await mkdtemp(join(tmpdir(), "sequent-blog-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const list = join(directory, "list.jsonl");
  const line = (id: string) => JSON.stringify({ kind: "customer", id, by: "ann", reason: "asked for it" });
  await writeFile(list, [stopped.aggregateId, restored.aggregateId, newId()].map(line).join("\n"));
  const { output } = await erase("--reapply", list);
  expect(output).toContain(`Erased customer ${restored.aggregateId}: 2 events and 1 command.`);
  expect(output).toMatch(/There is no customer .* Skipped\./);
  expect(output).toMatch(/^2 of 3 erasures were left to do\.$/m);
});

test.each([
  [[], 'Say whom to erase, as in "customer <id>".'],
  [["customer"], "The id of the customer is missing: it is in the address of their page."],
  [["customer", "Ada"], '"Ada" is not an id'],
  [["customer", newId()], "There is no customer"],
  [["order", newId()], "Say whom to erase"],
  [["customer", newId(), "--dry-run"], "There is no customer"],
  [["customer", newId(), "--by="], "--by is empty: say who erases, or leave it out."],
  [["customer", newId(), "--reason", " "], "--reason is empty: say why, or leave it out."],
  [["--search", " "], "Say what to search for."],
  [["--search", "Zelda", "Quill"], '--search takes no "Quill"'],
  [["--list", "customer"], '--list takes no "customer"'],
  [["--list", "--reapply"], "--list and --reapply cannot be given together."],
  [["--list", "--by", "ann"], "--dry-run, --by and --reason are for erasing"],
  [["--reapply", "one.jsonl", "two.jsonl"], '--reapply takes no "two.jsonl"'],
  [["--reapply", "nowhere.jsonl"], "is not a list of erasures"],
])("npm run erase says what is wrong with %j", async (args, message) => {
  const { code, output } = await erase(...args);
  expect(output).toContain(message);
  expect(output).not.toMatch(/^ {4}at /m);
  expect(code).toBe(1);
});
