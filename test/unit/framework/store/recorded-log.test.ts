import { expect, test, vi } from "vitest";
import { Event, personal, sealSecret, secret, string, type Upcast } from "#sequent";
import {
  EventTypes,
  emptyUnit,
  newId,
  PostgresEventStore,
  type RecordedEvent,
  RecordedLog,
} from "#sequent/operations";
import { CustomerAdded, CustomerEmailSet, CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";
import { eventTypes } from "../../../fixtures/shop/shop.ts";
import { beginToStore, untilSettled } from "../../../support/late-commits.ts";
import { customer, orderOf, useShop } from "../../../support/shop.ts";

const context = useShop();

class Joined extends Event("Joined", { name: personal(string()), password: secret() }) {
  static override readonly upcasts: Upcast[] = [({ called, ...json }) => ({ ...json, name: called ?? "" })];
}
/** A build with a class that the shop does not have. */
const later = new EventTypes([{ Joined }]);

const log = (types = eventTypes) => new RecordedLog(context.database.read, types);
const typesOf = (events: readonly RecordedEvent[]) => events.map(({ type }) => type);

async function givenCustomer() {
  const command = customer({ email: `${newId()}@example.com` });
  await context.shop.commandService.executeCommands(command);
  return command;
}

/** Stores an event that the shop does not know, and changes its stored payload to `payload`, like that of an older build. */
async function givenJoined(payload?: object, version = 0): Promise<string> {
  const aggregateId = newId();
  const password = await sealSecret("correct horse");
  const event = Joined.of(aggregateId, { name: "Ben", password });
  const numbered = new Joined({ ...event, sequenceNumber: 1 });
  const store = new PostgresEventStore(context.database.write, later);
  await store.store(async () => ({
    ...emptyUnit,
    commands: [{ command: customer(), cause: undefined, events: [numbered] }],
    newAggregates: [{ aggregateId, aggregateType: "Member" }],
  }));
  if (payload) {
    await context.database.write.raw("alter table sequent_schema.events disable trigger user");
    await context.database.write.raw(
      "update sequent_schema.events set payload = ?, event_version = ? where aggregate_id = ?",
      [JSON.stringify(payload), version, aggregateId],
    );
    await context.database.write.raw("alter table sequent_schema.events enable trigger user");
  }
  return aggregateId;
}

test("an event comes with its aggregate and the command that led to it", async () => {
  const { aggregateId, commandId } = await givenCustomer();
  const [, named] = await log().after(undefined, 10);
  expect(named).toMatchObject({
    ...{ aggregateId, aggregateType: "Customer", commandId, commandType: "AddCustomer" },
    ...{ sequenceNumber: 2, type: "CustomerNameSet", payload: { name: "Ben" }, isReadable: true },
    ...{ userId: undefined, cause: undefined, createdAt: expect.any(Date) },
  });
});

test("the newest events are those after a position, of all aggregates or of one", async () => {
  const ben = await givenCustomer();
  await context.shop.commandService.executeCommands(orderOf(ben.aggregateId));
  const newest = async (count: number, which = {}) =>
    typesOf(await log().after(await log().beforeNewest(count, which), 100, which));
  expect(await newest(2)).toEqual(["OrderAddressChanged", "OrderNoteChanged"]);
  expect(await newest(2, { aggregateId: ben.aggregateId })).toEqual([
    CustomerNameSet.type,
    CustomerEmailSet.type,
  ]);
  expect(await newest(100, { aggregateId: ben.aggregateId })).toHaveLength(3);
  expect(await log().beforeNewest(7)).toBeUndefined();
});

test("a secret is hidden, whether its class is known, the event is old, or it cannot be read at all", async () => {
  const password = await sealSecret("correct horse");
  const known = await givenJoined();
  const old = await givenJoined({ called: "Ben", password }, 0);
  const broken = await givenJoined({ name: 7, password, deep: [{ password }] }, 1);
  const clear = await givenJoined({ name: "Ben", password: "correct horse" }, 1);
  const erased = await givenJoined({ name: "[erased]", password: "[erased]" }, 1);
  const shown = async (aggregateId: string, types = later) => {
    const [event] = await log(types).after(undefined, 1, { aggregateId });
    return { payload: event?.payload, isReadable: event?.isReadable };
  };
  const hidden = { name: "Ben", password: "[secret]" };
  expect(await shown(known)).toEqual({ payload: hidden, isReadable: true });
  expect(await shown(known, eventTypes)).toEqual({ payload: hidden, isReadable: false });
  expect(await shown(old)).toEqual({ payload: hidden, isReadable: true });
  expect(await shown(old, eventTypes)).toEqual({
    payload: { called: "Ben", password: "[secret]" },
    isReadable: false,
  });
  expect(await shown(broken)).toEqual({
    payload: { name: 7, password: "[secret]", deep: [{ password: "[secret]" }] },
    isReadable: false,
  });
  expect(await shown(clear)).toEqual({ payload: hidden, isReadable: false });
  expect((await shown(erased)).payload).toEqual({ name: "[erased]", password: "[erased]" });
});

test("a follower gets an event only when no other can come before it, and can ask if events are held back", async () => {
  const { id, transaction } = await beginToStore(context.database.patient);
  try {
    await givenCustomer();
    expect(typesOf(await log().after(undefined, 10))).toHaveLength(3);
    expect(await log().after(undefined, 10, { isSettled: true })).toEqual([]);
    expect(await log().isHeldBack()).toBe(true);
    await transaction.commit();
  } finally {
    if (!transaction.isCompleted()) await transaction.rollback();
  }
  const settled = await vi.waitFor(async () => {
    expect(await log().isHeldBack()).toBe(false);
    return log().after(undefined, 10, { isSettled: true });
  }, untilSettled);
  expect(settled.slice(0, 3).map(({ aggregateId }) => aggregateId)).toEqual([id, id, id]);
  expect(typesOf(settled.slice(3))).toEqual([
    CustomerAdded.type,
    CustomerNameSet.type,
    CustomerEmailSet.type,
  ]);
});

test("another log is recognised by an event that it lacks", async () => {
  await givenCustomer();
  const position = (await log().beforeNewest(1)) ?? "";
  expect(await log().has(position)).toBe(true);
  expect(await log().has("1:1:999")).toBe(false);
  expect(await log().isThere()).toBe(true);
});
