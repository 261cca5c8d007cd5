import { expect, test } from "vitest";
import { anyEvent, type Delivery, on, Subscription, Unavailable } from "#sequent";
import { type LoggedEvent, NotWired } from "#sequent/operations";
import { CustomerAdded, CustomerEmailSet, CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";
import { PlaceOrder } from "../../../fixtures/shop/order/commands.ts";
import { createShop } from "../../../fixtures/shop/shop.ts";
import { customer, storedEvents, useShop } from "../../../support/shop.ts";
import { parked, settled, standing, useSubscriptions } from "../../../support/subscriptions.ts";
import { until } from "../../../support/until.ts";

const context = useShop();
const { start, addCustomer } = useSubscriptions(context);

const hasBegun = () => until(async () => (await standing(context.database))?.fence === "1");

class Names extends Subscription("Names", { from: "beginning" }) {
  readonly seen: string[] = [];
  readonly handlers = [on(CustomerNameSet, ({ name }) => void this.seen.push(name))];
}

test("a subscription from the beginning gets the events before its start, and those after it", async () => {
  await addCustomer("Ada");
  const names = new Names();
  const { commandService } = start(names);
  await until(() => names.seen.length === 1);
  await commandService.executeCommands(customer({ name: "Ben" }));
  await until(() => names.seen.length === 2);
  expect(names.seen).toEqual(["Ada", "Ben"]);
});

test("a subscription from now gets only later events, and continues from there after a restart", async () => {
  class NamesFromNow extends Subscription("NamesFromNow", { from: "now" }) {
    readonly seen: string[] = [];
    readonly handlers = [on(CustomerNameSet, ({ name }) => void this.seen.push(name))];
  }
  await addCustomer("Ada");
  await settled(context.database);
  const first = start(new NamesFromNow());
  await hasBegun();
  await first.subscriptions.stop();
  await addCustomer("Ben");
  const names = new NamesFromNow();
  start(names);
  await until(() => names.seen.length > 0);
  expect(names.seen).toEqual(["Ben"]);
});

test("the events of an aggregate come in their order, and several aggregates side by side", async () => {
  class Slow extends Subscription("Slow", { from: "beginning", concurrency: 4 }) {
    readonly seen: string[] = [];
    readonly busy = new Set<string>();
    most = 0;
    readonly handlers = [
      on(anyEvent, async ({ aggregateId, sequenceNumber }) => {
        expect(this.busy).not.toContain(aggregateId);
        this.busy.add(aggregateId);
        this.most = Math.max(this.most, this.busy.size);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
        this.busy.delete(aggregateId);
        this.seen.push(`${aggregateId}:${sequenceNumber}`);
      }),
    ];
  }
  const ids = [];
  for (let count = 0; count < 20; count += 1) ids.push(await addCustomer());
  const slow = new Slow();
  start(slow);
  await until(() => slow.seen.length === 60);
  for (const id of ids)
    expect(slow.seen.filter((each) => each.startsWith(id))).toEqual([`${id}:1`, `${id}:2`, `${id}:3`]);
  expect(slow.most).toBe(4);
});

test("a delivery says what is known of its event, and is the same when it is repeated", async () => {
  class Restless extends Subscription("Restless", { from: "beginning" }) {
    readonly deliveries: Delivery[] = [];
    readonly handlers = [
      on(CustomerAdded, (_, delivery) => {
        this.deliveries.push(delivery);
        if (delivery.attempt === 1) throw new Error("not yet");
      }),
    ];
  }
  const id = await addCustomer();
  const restless = new Restless();
  start(restless);
  await until(() => restless.deliveries.length === 2);
  const [first, second] = restless.deliveries;
  expect(first).toMatchObject({ id: `${id}:1`, sequenceNumber: 1, attempt: 1, userId: undefined });
  expect(second).toMatchObject({ id: first?.id, commandId: first?.commandId, attempt: 2 });
  expect(second?.commandIdOf(1)).toBe(first?.commandIdOf(1));
  expect(first?.commandIdOf(1)).not.toBe(first?.commandIdOf(0));
});

test("commands of a subscription are executed once, however often their event comes", async () => {
  class Welcome extends Subscription("Welcome", { from: "beginning" }) {
    attempts = 0;
    readonly handlers = [
      on(CustomerEmailSet, async ({ aggregateId }, { executeCommands }) => {
        await executeCommands(
          new PlaceOrder({ customerAggregateId: aggregateId, address: "1 Moss Lane", note: "A gift" }),
        );
        this.attempts += 1;
        if (this.attempts < 3) throw new Error("after the command");
      }),
    ];
  }
  const id = await addCustomer();
  const welcome = new Welcome();
  start(welcome);
  await until(() => welcome.attempts === 3);
  const { rows } = await context.database.read.raw(
    "select user_id, cause_aggregate_id, cause_sequence_number from sequent_schema.commands where command_type = 'PlaceOrder'",
  );
  expect(rows).toEqual([
    { user_id: "subscription:Welcome", cause_aggregate_id: id, cause_sequence_number: 3 },
  ]);
  expect(
    (await storedEvents(context.database)).filter(({ class: { type } }) => type === "OrderPlaced"),
  ).toHaveLength(1);
});

test("a subscription with a page gets whole pages of all events, as they are stored", async () => {
  class Pages extends Subscription("Pages", { from: "beginning" }) {
    readonly seen: LoggedEvent[] = [];
    readonly fences: string[] = [];
    readonly page = async (events: readonly LoggedEvent[], { fence }: { fence: string }) => {
      this.seen.push(...events);
      this.fences.push(fence);
      if (this.fences.length === 1) throw new Unavailable("The broker is away");
    };
  }
  const id = await addCustomer("Ada");
  const pages = new Pages();
  start(pages);
  await until(() => pages.seen.length === 6);
  expect(pages.seen.slice(0, 3)).toEqual(pages.seen.slice(3));
  expect(pages.seen[1]).toMatchObject({
    ...{ aggregateId: id, aggregateType: "Customer", sequenceNumber: 2, type: "CustomerNameSet" },
    ...{ version: 0, payload: { name: "Ada" }, commandType: "AddCustomer", createdAt: expect.any(Date) },
  });
  expect(Number(pages.fences[1])).toBeGreaterThan(Number(pages.fences[0]));
});

test("while what it needs is away, a subscription waits and parks nothing", async () => {
  class Mails extends Subscription("Mails", { from: "beginning" }) {
    tries = 0;
    readonly sent: string[] = [];
    readonly handlers = [
      on(CustomerNameSet, ({ name }) => {
        this.tries += 1;
        if (this.tries < 6) throw new Unavailable("no mail server");
        this.sent.push(name);
      }),
    ];
  }
  await addCustomer("Ada");
  const mails = new Mails();
  start(mails);
  await until(() => mails.sent.length === 1);
  expect(await parked(context.database)).toEqual([]);
});

test("a name that does not exist is refused at the start, and none runs if none is wanted", async () => {
  const parts = { ...context.database, subscriptions: [new Names()] };
  expect(() => createShop({ ...parts, subscriptionsToRun: ["Name"] })).toThrow(NotWired);
  const none = createShop({ ...parts, subscriptionsToRun: "none" });
  none.subscriptions.start();
  await none.subscriptions.stop();
  expect(await standing(context.database)).toBeUndefined();
});
