import { expect, test } from "vitest";
import { anyEvent, type Delivery, on, Subscription, Unavailable } from "#sequent";
import { type LoggedEvent, NotWired, Replay, type SubscriptionLog } from "#sequent/operations";
import { CustomerAdded, CustomerEmailSet, CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";
import { PlaceOrder } from "../../../fixtures/shop/order/commands.ts";
import { createShop, eventTypes, projectors } from "../../../fixtures/shop/shop.ts";
import { customer, storedEvents, useShop } from "../../../support/shop.ts";
import { parked, settled, standing, useSubscriptions } from "../../../support/subscriptions.ts";
import { until } from "../../../support/until.ts";

const context = useShop();
const { start, addCustomer } = useSubscriptions(context);

/** A log that keeps its lines. */
function logTo(lines: string[]): SubscriptionLog {
  const at = (level: string) => (fields: object, message: string) => {
    const { err, ...rest } = fields as { err?: Error };
    lines.push(`${level} ${message} ${err?.message ?? ""} ${JSON.stringify(rest)}`);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

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

test("rows of a transaction are written once, though the handler fails before and after it", async () => {
  await context.database.write.raw("drop table if exists view_schema.effects");
  await context.database.write.raw("create table view_schema.effects (event text not null)");
  class Effects extends Subscription("Effects", { from: "beginning", concurrency: 1 }) {
    tries = 0;
    readonly handlers = [
      on(CustomerAdded, async (_, { id, inTransaction }) => {
        this.tries += 1;
        await inTransaction(async (trx) => {
          await trx("view_schema.effects").insert({ event: id });
          if (this.tries === 1) throw new Error("before the commit");
        });
        throw new Error("after the commit");
      }),
    ];
  }
  const effects = new Effects();
  const lines: string[] = [];
  start(effects, { subscriptionLog: logTo(lines), subscriptionTimes: { retriesMs: [1, 1] } });
  const ids = [await addCustomer(), await addCustomer()];
  await until(() => effects.tries === 3);
  await until(() => lines.filter((line) => line.includes("after its transaction")).length === 2);
  const stored = await context.database.write("view_schema.effects").pluck("event");
  expect(stored).toEqual(ids.map((id) => `${id}:1`));
  expect(await parked(context.database)).toEqual([]);
  await context.database.write.raw("drop table view_schema.effects");
});

test("inTransaction is refused where it could not keep its promise", async () => {
  class SideBySide extends Subscription("SideBySide", { from: "beginning" }) {
    readonly handlers = [on(CustomerAdded, (_, { inTransaction }) => inTransaction(async () => {}))];
  }
  class Twice extends Subscription("Twice", { from: "beginning", concurrency: 1 }) {
    readonly handlers = [
      on(CustomerAdded, async (_, { inTransaction }) => {
        await inTransaction(async () => {});
        await inTransaction(async () => {});
      }),
    ];
  }
  const lines: string[] = [];
  const parts = { subscriptionLog: logTo(lines), subscriptionTimes: { retriesMs: [] } };
  start(new SideBySide(), parts);
  start(new Twice(), parts);
  await addCustomer();
  await until(() =>
    lines.some((line) => line.includes('Write: Subscription("SideBySide", { …, concurrency: 1 })')),
  );
  await until(() => lines.some((line) => line.includes("Twice uses inTransaction twice for one event")));
});

test("a handler that takes too long has failed, and its signal is aborted", async () => {
  class Endless extends Subscription("Endless", { from: "beginning", timeLimitMs: 20 }) {
    reason: unknown;
    readonly handlers = [
      on(CustomerAdded, async (_, { signal, executeCommands }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        this.reason = signal.reason;
        await executeCommands(customer({ name: "too late" }));
      }),
    ];
  }
  const endless = new Endless();
  start(endless, { subscriptionTimes: { retriesMs: [1, 1] } });
  await addCustomer();
  await until(async () => (await parked(context.database)).length === 1);
  expect(await parked(context.database)).toMatchObject([
    { error: "TimeLimitExceeded: Endless took longer than 20 ms for one event." },
  ]);
  expect(endless.reason).toBeInstanceOf(Error);
  expect(await storedEvents(context.database)).toHaveLength(3);
});

test("a program that stops lets a handler finish, and gives the lease back with the position", async () => {
  let finish = () => {};
  class Slow extends Subscription("Slow", { from: "beginning" }) {
    readonly begun: string[] = [];
    readonly handlers = [
      on(CustomerNameSet, ({ name }) => {
        this.begun.push(name);
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      }),
    ];
  }
  const slow = new Slow();
  const shop = start(slow);
  await addCustomer("Ada");
  await until(() => slow.begun.length === 1);
  const stopping = shop.subscriptions.stop();
  await addCustomer("Ben");
  finish();
  await stopping;
  expect(slow.begun).toEqual(["Ada"]);
  expect((await standing(context.database))?.owner).toBeNull();
  const next = new Slow();
  start(next);
  await until(() => next.begun.length === 1);
  finish();
  expect(next.begun).toEqual(["Ben"]);
});

test("a program that stops does not wait for a handler that does not end, and its event comes again", async () => {
  class Stuck extends Subscription("Stuck", { from: "beginning" }) {
    readonly begun: string[] = [];
    readonly handlers = [
      on(CustomerNameSet, ({ name }) => {
        this.begun.push(name);
        return new Promise<void>(() => {});
      }),
    ];
  }
  const stuck = new Stuck();
  const shop = start(stuck);
  await addCustomer("Ada");
  await until(() => stuck.begun.length === 1);
  await shop.subscriptions.stop();
  const again = new Stuck();
  start(again);
  await until(() => again.begun.length === 1);
  expect(again.begun).toEqual(["Ada"]);
});

test("what happens is one line with ids, and a page of a thousand events is no more than that", async () => {
  const lines: string[] = [];
  await Promise.all(Array.from({ length: 120 }, () => addCustomer()));
  const names = new Names();
  const shop = start(names, { subscriptionLog: logTo(lines) });
  await until(() => names.seen.length === 120);
  const id = await addCustomer("Ada");
  await until(() => names.seen.includes("Ada"));
  await shop.subscriptions.stop();
  const handled = lines.filter((line) => line.includes("events handled"));
  expect(handled.length).toBeLessThan(8);
  expect(handled.at(-1)).toContain(`"events":["${id}:2"]`);
  expect(lines[0]).toMatch(/^debug lease taken .*"subscription":"Names","fence":"1","position":"0:0:0"/);
  expect(lines.at(-1)).toMatch(/^debug lease given back .*"subscription":"Names","fence":"1"/);
});

test("a replay of views runs no subscription", async () => {
  const names = new Names();
  start(names);
  await addCustomer("Ada");
  await until(() => names.seen.length === 1);
  const replay = new Replay({ knex: context.database.patient, projectors, eventTypes });
  await replay.replay(await replay.plan(projectors));
  await addCustomer("Ben");
  await until(() => names.seen.length === 2);
  expect(names.seen).toEqual(["Ada", "Ben"]);
});
