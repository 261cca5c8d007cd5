import { beforeEach, expect, test } from "vitest";
import { AggregateNotFound, CommandNotValid } from "#sequent";
import { domainOf, NotStorable, newId, RecordedLog } from "#sequent/operations";
import { bannerOf } from "../../../src/bin/console-banner.ts";
import { exampleOf } from "../../../src/bin/console-example.ts";
import { shown } from "../../../src/bin/console-output.ts";
import { Customer } from "../../fixtures/shop/customer/customer.ts";
import { modules } from "../../fixtures/shop/shop.ts";
import { customer, useShop } from "../../support/shop.ts";

const context = useShop();
const { aggregates, commandClasses, eventTypes } = domainOf(modules);

function example(classes = commandClasses): Promise<string> {
  const { commandService } = context.shop;
  const log = new RecordedLog(context.database.read, eventTypes);
  return exampleOf({ log, commandService, aggregates, commandClasses: classes });
}

/** Runs a line as it would run in the console. */
function pasted(line: string): Promise<unknown> {
  const { commandService } = context.shop;
  const log = new RecordedLog(context.database.read, eventTypes);
  const words = Object.fromEntries([...commandClasses, ...aggregates].map((each) => [each.name, each]));
  const all = { ...words, commandService, log, load: (_: unknown, id: string) => id };
  return new Function(...Object.keys(all), `return (async () => ${line})()`)(...Object.values(all));
}

test("the example for an empty store is a command that succeeds, with a value that each attribute accepts", async () => {
  const line = await example();
  expect(line).toBe(
    'await commandService.executeCommands(new AddCustomer({ name: "An example", email: "someone@example.com" }))',
  );
  expect(await pasted(line)).toMatchObject([{ eventCount: 3 }]);
});

test("the example is an aggregate that exists, if there is one", async () => {
  const ben = customer();
  await context.shop.commandService.executeCommands(ben);
  expect(await example()).toBe(`await load(Customer, "${ben.aggregateId}")`);
  expect(await pasted(await example())).toBe(ben.aggregateId);
});

test("the example is the log, if no command can be sent to an empty store", async () => {
  const line = await example(commandClasses.filter(({ type }) => type === "PlaceOrder"));
  expect(await pasted(line)).toEqual([]);
});

test("the banner names everything, also the names that JavaScript itself uses", () => {
  const banner = bannerOf({ description: "Postgres at home", example: "await x", taken: ["Map"] });
  expect(banner).toMatch(/ on Postgres at home\. /);
  expect(banner).toMatch(/^Try: await x$/m);
  expect(banner).toMatch(/Map is a word of JavaScript\. Yours is messages\.Map\./);
  expect(banner.split("\n").filter((line) => line.length > 125)).toEqual([]);
});

test("a command that is not valid is shown with its fields", () => {
  const error = new CommandNotValid(
    "AddCustomer",
    { name: [{ code: "blank" }], "to.street": ["is odd", "is long"] },
    {},
  );
  expect(shown(error)).toBe(
    "CommandNotValid: AddCustomer is not valid.\n  name       can't be blank\n  to.street  is odd, is long",
  );
});

test("an error of the domain or the framework is one line; an error of JavaScript has the frames down to the typed code", () => {
  const id = newId();
  expect(shown(new AggregateNotFound({ aggregateType: "Customer", aggregateId: id }))).toBe(
    `AggregateNotFound: There is no Customer ${id}.`,
  );
  expect(shown(new NotStorable(1, "odd"))).toBe("NotStorable: Cannot be stored: odd.");
  const error = new TypeError("odd");
  error.stack = "TypeError: odd\n    at one (a.ts:1:1)\n    at REPL7:1:4\n    at node:internal";
  expect(shown(error)).toBe("TypeError: odd\n    at one (a.ts:1:1)\n    at REPL7:1:4");
});

let ben: Customer;
beforeEach(() => {
  ben = new Customer(newId());
});

test("an aggregate is shown with its state and its new events", () => {
  expect(shown(ben)).toMatch(/^Customer \{\n {2}id: '.*',\n {2}version: 0,\n {2}state: /);
  expect(shown(ben)).not.toMatch("uncommittedEvents");
  ben.erase({ by: "ann" });
  expect(shown(ben)).toMatch(/isErased: true[\s\S]*uncommittedEvents: \[\s+CustomerErased/);
});
