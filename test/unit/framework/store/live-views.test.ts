import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import { on } from "#sequent";
import { buildViews, forgetView, type ProjectorClass, ProjectorFailed } from "#sequent/operations";
import { viewFindings } from "../../../../src/doctor/views.ts";
import { AddCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";
import { ChangeOrder, PlaceOrder } from "../../../fixtures/shop/order/commands.ts";
import { eventTypes, projectors } from "../../../fixtures/shop/shop.ts";
import { CustomerProjector } from "../../../fixtures/shop/views/customer-projector.ts";
import { OrderProjector } from "../../../fixtures/shop/views/order-projector.ts";
import { AddressProjector, Build, projectorsOf } from "../../../support/builds.ts";
import { foldedViews, storedEvents, storedViews, useShop } from "../../../support/shop.ts";

const context = useShop();
const builds: Build[] = [];
const now = OrderProjector.version;
const later = now + 1;

/** A build that looks for deferred events when it is asked to, or at intervals. */
const build = (ofBuild: readonly ProjectorClass[], everyMs = 1_000_000) => {
  const made = new Build(context.database, ofBuild, everyMs);
  builds.push(made);
  return made;
};

const goLive = async (ofBuild: readonly ProjectorClass[]) => {
  const views = { projectors: ofBuild, eventTypes };
  await context.database.patient.transaction((transaction) => buildViews(transaction, views));
};

/** As before: built again from the blog's own projectors. */
afterEach(async () => {
  for (const made of builds.splice(0)) await made.stop();
  await context.database.write.raw("delete from sequent_schema.projector_states");
  await goLive(projectors);
});

describe("a build that is older than a view", () => {
  test("writes no rows into it, and a newer build that also runs shows its events", async () => {
    const [old, next] = [build(projectors), build(projectorsOf(later), 20)];
    const customer = addCustomer();
    await old.commandService.executeCommands(customer);
    await goLive(next.projectors);

    const add = addOrder(customer);
    await old.commandService.executeCommands(add);

    expect(await deferred()).toEqual([]); // it waited for that, so that the page after the redirect shows the change
    const { order_records } = await storedViews(context.database, next.projectors);
    expect(order_records).toMatchObject([
      { aggregate_id: add.aggregateId, [`made_by_${later}`]: "edited", address: "Here" },
    ]);
  });

  test("does not wait for long if no newer build runs, and waits only once", async () => {
    const old = build(projectors);
    await goLive(projectorsOf(later));
    const customer = addCustomer();
    const asked = impatience();
    await old.commandService.executeCommands(customer);
    expect(asked()).toBe(3);
    await old.commandService.executeCommands(addOrder(customer));
    expect(asked()).toBe(3);
    expect(await deferred()).toHaveLength(3 + 4);
  });

  test("does not wait at all without projectors, because it shows no pages", async () => {
    const asked = impatience();
    await build([]).commandService.executeCommands(addCustomer());
    expect(asked()).toBe(0);
    expect(await deferred()).toHaveLength(3 * projectors.length);
  });

  test("is reported, and continues to serve", async () => {
    await goLive(projectorsOf(later));
    expect(await viewFindings(context.database.read, projectors)).toMatchObject([
      {
        what: `this build is older than the view of OrderProjector (${now} < ${later}): it leaves events to a newer build`,
      },
    ]);
  });
});

describe("a build that is newer than a view", () => {
  test("leaves it to the older build, and reports what is due", async () => {
    const [old, next] = [build(projectors, 20), build([...projectorsOf(later), AddressProjector])];
    const customer = addCustomer();
    await next.commandService.executeCommands(customer, addOrder(customer));

    expect(await deferred()).toEqual([]);
    expect(old.errors).toEqual([]);
    expect(await storedViews(context.database)).toEqual(
      await foldedViews(await storedEvents(context.database)),
    );
    expect(await viewFindings(context.database.read, next.projectors)).toMatchObject([
      {
        what: `the view of OrderProjector is older than this build (${now} < ${later})`,
        mend: "npm run replay -- OrderProjector",
      },
      { what: "AddressProjector has no view yet", mend: "npm run replay -- AddressProjector" },
    ]);
  });
});

describe("a projector that no build has any more", () => {
  test("is reported, and its view can be forgotten; then no events are deferred for it", async () => {
    await goLive([...projectors, AddressProjector]);
    const { write, patient } = context.database;
    expect(await viewFindings(write, projectors)).toMatchObject([
      {
        what: "this build has no AddressProjector, and leaves events to one that has",
        mend: "npm run migrate -- --forget AddressProjector, if no build has it any more",
      },
    ]);
    impatience();
    await build(projectors).commandService.executeCommands(addCustomer());
    expect(await deferred()).toHaveLength(3);

    expect(await patient.transaction((transaction) => forgetView(transaction, "AddressProjector"))).toBe(
      true,
    );
    expect(await viewFindings(write, projectors)).toEqual([]);
    await build(projectors).commandService.executeCommands(addCustomer());
    expect(await deferred()).toEqual([]);
    const { rows } = await write.raw("select to_regclass('view_schema.address_records') as address_records");
    expect(rows).toEqual([{ address_records: null }]);
  });
});

describe("a deferred event", () => {
  test("is projected before later events of the same aggregate", async () => {
    const [old, next] = [build(projectors), build(projectorsOf(later))];
    const customer = addCustomer();
    const add = addOrder(customer);
    await goLive(next.projectors);
    impatience();
    await old.commandService.executeCommands(customer, add);
    const edit = new ChangeOrder({ aggregateId: add.aggregateId, address: "Edited", note: "…" });
    await next.commandService.executeCommands(edit);

    expect(await deferred()).toEqual([]);
    const events = await storedEvents(context.database);
    expect(await storedViews(context.database, next.projectors)).toEqual(
      await foldedViews(events, next.projectors),
    );
  });

  test("is projected before an event that refers to its aggregate", async () => {
    const old = build([]);
    const customer = addCustomer();
    await old.commandService.executeCommands(customer);
    expect(await deferred()).toHaveLength(3 * 3);
    await context.shop.commandService.executeCommands(addOrder(customer));
    expect(await storedViews(context.database)).toEqual(
      await foldedViews(await storedEvents(context.database)),
    );
  });

  test("is deleted when a view that contains it goes live", async () => {
    await build([]).commandService.executeCommands(addCustomer());
    await goLive(projectorsOf(later));
    expect((await deferred()).map(({ projector }) => projector)).not.toContain("OrderProjector");
  });

  test("stays if its projector fails, and does not hold up others", async () => {
    class Failing extends CustomerProjector {
      override readonly handlers = [
        on(CustomerNameSet, () => {
          throw new Error("no such luck");
        }),
      ];
    }
    const [old, next] = [build([]), build([Failing, ...projectors.slice(1)])];
    const customer = addCustomer();
    await old.commandService.executeCommands(customer, addOrder(customer));
    await expect(next.eventStore.catchUp(next.projectors)).rejects.toBeInstanceOf(ProjectorFailed);
    expect(new Set((await deferred()).map(({ projector }) => projector))).toEqual(
      new Set(["CustomerProjector"]),
    );
  });
});

/**
 * How often a build has asked so far whether another one has projected its events. Before the third time, a second has passed.
 */
function impatience(): () => number {
  const queries = vi.spyOn(pg.Client.prototype, "query");
  const asked = () =>
    queries.mock.calls.filter(([query]) =>
      /^\s*select from sequent_schema\.deferred_events/.test(String((query as { text?: string }).text)),
    ).length;
  const clock = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => clock() + (asked() < 3 ? 0 : 1_001));
  return asked;
}

function addCustomer(): AddCustomer {
  return new AddCustomer({ name: "Ben", email: `${crypto.randomUUID()}@example.com` });
}

function addOrder({ aggregateId }: AddCustomer): PlaceOrder {
  return new PlaceOrder({ customerAggregateId: aggregateId, address: "Here", note: "…" });
}

async function deferred(): Promise<{ projector: string }[]> {
  return context.database.write.raw("select * from sequent_schema.deferred_events").then(({ rows }) => rows);
}
