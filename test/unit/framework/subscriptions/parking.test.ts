import { expect, test } from "vitest";
import { anyEvent, on, Subscription } from "#sequent";
import {
  forgetSubscription,
  newId,
  PersonalErasure,
  pauseSubscription,
  resetSubscription,
  resumeSubscription,
  retryParked,
  skipParked,
  subscriptionStates,
} from "#sequent/operations";
import { EraseCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";
import { commandClasses, eventTypes } from "../../../fixtures/shop/shop.ts";
import { useShop } from "../../../support/shop.ts";
import { parked, settled, standing, useSubscriptions } from "../../../support/subscriptions.ts";
import { until } from "../../../support/until.ts";

const context = useShop();
const { start, addCustomer } = useSubscriptions(context);

const times = { retriesMs: [1, 1], parkedMs: 60_000 };

/** Fails for the second event of the customers named Eve. */
class Letters extends Subscription("Letters", { from: "beginning", concurrency: 4 }) {
  readonly seen: string[] = [];
  readonly attempts: number[] = [];
  isMended = false;
  readonly handlers = [
    on(anyEvent, (event, { id, attempt }) => {
      if (event instanceof CustomerNameSet && event.name === "Eve" && !this.isMended) {
        this.attempts.push(attempt);
        throw new Error(`No letter for ${event.name}`);
      }
      this.seen.push(id);
    }),
  ];

  of(aggregateId: string): string[] {
    return this.seen.filter((id) => id.startsWith(aggregateId)).map((id) => id.slice(-1));
  }
}

async function givenParked() {
  const letters = new Letters();
  const shop = start(letters, { subscriptionTimes: times });
  const [eve, ben] = [await addCustomer("Eve"), await addCustomer("Ben")];
  await until(async () => letters.of(ben).length === 3 && (await parked(context.database)).length === 1);
  return { shop, letters, eve, ben };
}

test("an event that fails three times waits, with the later ones of its aggregate, and the others go on", async () => {
  const { letters, eve, ben } = await givenParked();
  expect(letters.attempts).toEqual([1, 2, 3]);
  expect(letters.of(eve)).toEqual(["1"]);
  expect(letters.of(ben)).toEqual(["1", "2", "3"]);
  expect(await parked(context.database)).toMatchObject([
    { aggregate_id: eve, next_number: 2, attempts: 0, error: "Error: No letter for …" },
  ]);
});

test("what is parked is tried again in its order, and then comes with the others", async () => {
  const { letters, eve } = await givenParked();
  letters.isMended = true;
  expect(await retryParked(context.database.write, "Letters", eve)).toBe(1);
  await until(async () => (await parked(context.database)).length === 0);
  expect(letters.of(eve)).toEqual(["1", "2", "3"]);
  const erase = new EraseCustomer({ aggregateId: eve, by: "Ben" });
  await context.shop.commandService.executeCommands(erase);
  await until(() => letters.of(eve).length === 4);
  expect(letters.of(eve)).toEqual(["1", "2", "3", "4"]);
});

test("what fails again waits four times as long, and after ten tries a person decides", async () => {
  const { letters, eve } = await givenParked();
  const again = async () => {
    const tries = letters.attempts.length;
    await retryParked(context.database.write, "Letters");
    await until(() => letters.attempts.length > tries);
    await until(async () => (await parked(context.database))[0]?.attempts === tries - 2);
    return (await parked(context.database))[0];
  };
  const secondsOf = (retryAt: Date | null | undefined) => ((retryAt?.getTime() ?? 0) - Date.now()) / 1_000;
  expect(secondsOf((await again())?.retry_at)).toBeGreaterThan(200);
  expect(secondsOf((await again())?.retry_at)).toBeGreaterThan(800);
  for (let more = 3; more < 10; more += 1) await again();
  expect(await again()).toMatchObject({ aggregate_id: eve, attempts: 10, retry_at: null });
  expect(letters.attempts.at(-1)).toBe(13);
});

test("a person can leave out one event", async () => {
  const { letters, eve } = await givenParked();
  expect(await skipParked(context.database.write, "Letters", newId())).toBe(false);
  expect(await skipParked(context.database.write, "Letters", eve)).toBe(true);
  await until(() => letters.of(eve).length === 2);
  expect(letters.of(eve)).toEqual(["1", "3"]);
});

test("what is parked stays parked after a restart, and is tried when it is due", async () => {
  const first = new Letters();
  const shop = start(first, { subscriptionTimes: times });
  const eve = await addCustomer("Eve");
  await until(async () => (await parked(context.database)).length === 1);
  await shop.subscriptions.stop();
  const second = new Letters();
  second.isMended = true;
  start(second, { subscriptionTimes: times });
  const ben = await addCustomer("Ben");
  await until(() => second.of(ben).length === 3);
  expect(second.of(eve)).toEqual([]);
  await retryParked(context.database.write, "Letters");
  await until(() => second.of(eve).length === 2);
});

test("if a hundred aggregates are parked in a minute, the subscription is paused, until it is resumed", async () => {
  class Wrong extends Subscription("Wrong", { from: "beginning" }) {
    isMended = false;
    readonly seen: string[] = [];
    readonly handlers = [
      on(CustomerNameSet, ({ aggregateId }) => {
        if (!this.isMended) throw new Error("wrong");
        this.seen.push(aggregateId);
      }),
    ];
  }
  await Promise.all(Array.from({ length: 110 }, () => addCustomer()));
  const wrong = new Wrong();
  start(wrong, { subscriptionTimes: { ...times, takeMs: 20 } });
  await until(async () => (await standing(context.database))?.paused != null);
  const count = (await parked(context.database)).length;
  expect(count).toBeGreaterThanOrEqual(100);
  expect(count).toBeLessThan(110);
  wrong.isMended = true;
  await resumeSubscription(context.database.write, "Wrong");
  await retryParked(context.database.write, "Wrong");
  await until(() => wrong.seen.length === 110);
});

test("erasing a person reaches the error of what is parked, and its handler gets no personal values", async () => {
  const letters = new Letters();
  const names: string[] = [];
  class Quoting extends Subscription("Quoting", { from: "beginning" }) {
    readonly handlers = [
      on(CustomerNameSet, ({ name }) => {
        names.push(name);
        if (!letters.isMended) throw new Error(`The address "${name.toUpperCase()}" is wrong`);
      }),
    ];
  }
  start(new Quoting(), { subscriptionTimes: times });
  const eve = await addCustomer("Eve");
  await until(async () => (await parked(context.database)).length === 1);
  expect(await parked(context.database)).toMatchObject([{ error: 'Error: The address "EVE" is wrong' }]);
  const { commandService } = context.shop;
  const knex = context.database.patient;
  const erasure = new PersonalErasure({ knex, commandService, eventTypes, commandClasses });
  await erasure.erase(new EraseCustomer({ aggregateId: eve, by: "Ben" }));
  expect(await parked(context.database)).toMatchObject([{ error: "[erased]" }]);
  letters.isMended = true;
  await retryParked(context.database.write, "Quoting");
  await until(async () => (await parked(context.database)).length === 0);
  expect(names.at(-1)).toBe("[erased]");
});

test("the states say how far behind a subscription is, and what is parked", async () => {
  const { eve } = await givenParked();
  await until(async () => (await subscriptionStates(context.database.read))[0]?.eventsBehind === 0);
  const [state] = await subscriptionStates(context.database.read);
  expect(state).toMatchObject({
    ...{ name: "Letters", version: 1, paused: null, eventsBehind: 0, secondsBehind: 0 },
    ...{ owner: expect.stringMatching(/ \d+$/), parked: [{ aggregateId: eve, nextNumber: 2 }] },
  });
  await pauseSubscription(context.database.write, "Letters", "by hand");
  await addCustomer();
  await context.database.write.raw(
    "alter table sequent_schema.commands disable trigger user; update sequent_schema.commands set stored_at = now() - interval '1 hour'; alter table sequent_schema.commands enable trigger user",
  );
  const [later] = await subscriptionStates(context.database.read);
  expect(later).toMatchObject({ owner: null, paused: "by hand", eventsBehind: 3 });
  expect(later?.secondsBehind).toBeGreaterThanOrEqual(3_600);
});

test("a subscription can be moved back, forward, and forgotten", async () => {
  const { shop, letters, ben } = await givenParked();
  letters.isMended = true;
  await resetSubscription(context.database.write, "Letters", "beginning");
  await until(() => letters.of(ben).length === 6);
  expect(await parked(context.database)).toEqual([]);
  await shop.subscriptions.stop();
  const ada = await addCustomer("Ada");
  await settled(context.database);
  await resetSubscription(context.database.write, "Letters", "now");
  start(letters);
  const kim = await addCustomer("Kim");
  await until(() => letters.of(kim).length === 3);
  expect(letters.of(ada)).toEqual([]);
  expect(await forgetSubscription(context.database.write, "Letters")).toBe(true);
  expect(await standing(context.database)).toBeUndefined();
  expect(await forgetSubscription(context.database.write, "Letters")).toBe(false);
});
