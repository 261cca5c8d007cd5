import { expect, test } from "vitest";
import { newId, RecordedLog } from "#sequent/operations";
import { eventTypes } from "../fixtures/shop/shop.ts";
import { countStored, settingsOfWorker } from "../support/database.ts";
import { production, run } from "../support/process.ts";
import { customer, onShop, useShop } from "../support/shop.ts";

const context = useShop();

async function typed(lines: readonly string[], env = {}): Promise<{ code: number | string; output: string }> {
  const { databaseUrl, dataDirectory } = await settingsOfWorker();
  const place = { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory };
  const program = await run("src/bin/console.ts", { ...place, ...env }, onShop, [], lines.join("\n"));
  return { code: await program.ended, output: program.output() };
}

test("npm run console sends commands, waits for each line, and keeps what a line declares", async () => {
  const { code, output } = await typed([
    'const [ben] = await commandService.executeCommands(new AddCustomer({ name: "Ben", email: "ben@example.com" }))',
    "function twice(number) {",
    "  return 2 * number",
    "}",
    "twice(ben.eventCount)",
    "(await load(Customer, ben.aggregateId)).state.email",
  ]);
  expect(output).toBe("6\n'ben@example.com'\n");
  expect(code).toBe(0);
  const [event] = await new RecordedLog(context.database.read, eventTypes).after(undefined, 1);
  expect(event?.userId).toBe("program:npm run console");
});

test("npm run console stores given events as facts, so that pages show them", async () => {
  const { code, output } = await typed([
    "const id = newId()",
    'await given(CustomerAdded.of(id), CustomerNameSet.of(id, { name: "Ann" }))',
    "await queries.customer(id)",
  ]);
  expect(output).toMatch(/name: 'Ann'/);
  expect(code).toBe(0);
});

test("npm run console has the classes and the objects of the program: a Date is a Date, and metadata is a record", async () => {
  const { code, output } = await typed([
    "const createdAt = new Date(0)",
    'await commandService.executeCommands(new AddCustomer({ name: "B", email: "b@example.com", createdAt, metadata: { why: "test" } }))',
  ]);
  expect(output).toMatch("eventCount: 3");
  expect(code).toBe(0);
});

test.each([
  [
    "a command that is not valid, with its fields",
    'await commandService.executeCommands(new AddCustomer({ name: "", email: "x" }))',
    /^CommandNotValid: AddCustomer is not valid\.\n {2}name {3}can't be blank\n {2}email {2}is not an e-mail address$/m,
  ],
  [
    "an aggregate that does not exist",
    "await load(Customer, newId())",
    /^AggregateNotFound: There is no Customer /m,
  ],
  [
    "no class",
    'await load("Customer", newId())',
    /^Refused: load\(Class, id\) takes one of: Customer, Order\.$/m,
  ],
  ["a value that is no event", "await given(Customer)", /^TypeError: Give events, such as /m],
  [
    "a query that does not exist",
    'await ask("Customer", {})',
    /^Refused: There is no query "Customer"\. There are: /m,
  ],
  ["a misspelt name", "misspelt", /^ReferenceError: misspelt is not defined\n {4}at console:1:1$/m],
  [
    "a line that is not complete",
    "const one = {",
    /^Refused: The last lines are not complete: const one = \{$/m,
  ],
])("npm run console says what is wrong, and runs no more lines: %s", async (_, line, message) => {
  const { code, output } = await typed([line, line.endsWith("{") ? "" : '"one more"']);
  expect(output).toMatch(message);
  expect(output).not.toMatch("one more");
  expect(code).toBe(1);
});

test("npm run console stores no given events in production", async () => {
  const { code, output } = await typed([`await given(CustomerAdded.of("${newId()}"))`], production);
  expect(output).toMatch(/^Refused: given\(\) stores what no rule has allowed, so not in production\./m);
  expect(code).toBe(1);
  expect(await countStored(context.database)).toEqual({ events: 0, commands: 0 });
});

test("npm run console shows stored data, and ends well without input", async () => {
  await context.shop.commandService.executeCommands(customer());
  expect(await typed(["(await queries.customers()).length"])).toEqual({ code: 0, output: "1\n" });
  expect(await typed([])).toEqual({ code: 0, output: "" });
});
