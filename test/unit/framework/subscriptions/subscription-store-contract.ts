import { describe, expect, test } from "vitest";
import { type EventStore, newId } from "#sequent/operations";
import { CommandService } from "../../../../src/framework/commands/command-service.ts";
import type { SubscriptionDeclaration } from "../../../../src/framework/subscriptions/subscription.ts";
import {
  type Lease,
  LeaseLost,
  type SubscriptionStore,
} from "../../../../src/framework/subscriptions/subscription-store.ts";
import { commandHandlers } from "../../../fixtures/shop/shop.ts";
import { customer } from "../../../support/shop.ts";
import { until } from "../../../support/until.ts";

const minute = 60_000;

interface Stores {
  readonly store: SubscriptionStore;
  readonly eventStore: EventStore;
}

/** What every store of subscriptions does. `stores` gives new ones, or empty ones, for each test. */
export function describeSubscriptionStore(name: string, stores: () => Stores): void {
  describe(name, () => {
    const declared = (changes: Partial<SubscriptionDeclaration> = {}): SubscriptionDeclaration => ({
      ...{ savedName: `S${newId()}`, from: "beginning", version: 1, concurrency: 8, timeLimitMs: 1_000 },
      ...changes,
    });
    const addCustomer = async ({ eventStore }: Stores) => {
      const command = customer({ email: `${newId()}@example.com` });
      await new CommandService({ eventStore, commandHandlers }).executeCommands(command);
      return command.aggregateId;
    };
    /** A subscription that has begun, and its lease. */
    const taken = async ({ store }: Stores, declaration = declared(), leaseMs = minute): Promise<Lease> => {
      await store.begin(declaration);
      const lease = await store.take(declaration, "here", leaseMs);
      if (!lease) throw new Error("It should be free.");
      return lease;
    };
    /** The next events that can be read, when all of them can. */
    const readAll = async (store: SubscriptionStore, after: string, count: number) => {
      await until(async () => (await store.read(after, 100)).length === count, 15_000);
      return store.read(after, 100);
    };

    test("events are read in their order, as they are stored, after a position", async () => {
      const all = stores();
      const ids = [await addCustomer(all), await addCustomer(all)];
      const lease = await taken(all);
      const events = await readAll(all.store, lease.position, 6);
      expect(events.map(({ aggregateId }) => aggregateId)).toEqual(ids.flatMap((id) => [id, id, id]));
      expect(events[1]).toMatchObject({
        ...{ type: "CustomerNameSet", version: 0, payload: { name: "Ben" }, sequenceNumber: 2 },
        ...{ aggregateType: "Customer", commandType: "AddCustomer", commandId: expect.any(String) },
      });
      const [, second, third] = events;
      expect(await all.store.read(second?.position ?? "", 1)).toEqual([third]);
      const [named, ...rest] = await all.store.read(lease.position, 5, ["CustomerNameSet"]);
      expect([named, rest]).toEqual([second, [events[4]]]);
      expect(await all.store.read(lease.position, 4, ["CustomerNameSet"])).toEqual([second, events[3]]);
    });

    test("from now, only later events come", async () => {
      const all = stores();
      await addCustomer(all);
      await readAll(all.store, "0:0:0", 3);
      const lease = await taken(all, declared({ from: "now" }));
      const id = await addCustomer(all);
      const events = await readAll(all.store, lease.position, 3);
      expect(new Set(events.map(({ aggregateId }) => aggregateId))).toEqual(new Set([id]));
    });

    test("one has the lease, until it gives it back", async () => {
      const all = stores();
      const declaration = declared();
      const first = await taken(all, declaration);
      expect(await all.store.take(declaration, "there", minute)).toBeUndefined();
      await all.store.note(first, "0:0:1", minute);
      await all.store.release(first);
      const second = await all.store.take(declaration, "there", minute);
      expect(second?.position).toBe("0:0:1");
      expect(Number(second?.fence)).toBeGreaterThan(Number(first.fence));
    });

    test("whoever has lost the lease can change nothing", async () => {
      const all = stores();
      const declaration = declared();
      const first = await taken(all, declaration, 1);
      await until(async () => (await all.store.take(declaration, "there", minute)) !== undefined);
      const failure = { aggregateId: newId(), nextNumber: 1, attempts: 0, retryInMs: 0, error: "x" };
      await expect(all.store.note(first, "0:0:7", minute)).rejects.toThrow(LeaseLost);
      await expect(all.store.note(first, undefined, minute)).rejects.toThrow(LeaseLost);
      await expect(all.store.park(first, failure)).rejects.toThrow(LeaseLost);
      await expect(all.store.pause(first, "x")).rejects.toThrow(LeaseLost);
      await expect(all.store.release(first)).rejects.toThrow(LeaseLost);
      expect(await all.store.parkedIds(declaration.savedName)).toEqual([]);
    });

    test("a renewed lease lasts, and keeps its position", async () => {
      const all = stores();
      const declaration = declared();
      const lease = await taken(all, declaration, 1);
      await all.store.note(lease, undefined, minute);
      expect(await all.store.take(declaration, "there", minute)).toBeUndefined();
      await all.store.release(lease);
      expect((await all.store.take(declaration, "there", minute))?.position).toBe("0:0:0");
    });

    test("a later version takes over at once, and an earlier one never", async () => {
      const all = stores();
      const declaration = declared();
      const old = await taken(all, declaration);
      const later = await all.store.take({ ...declaration, version: 2 }, "there", minute);
      expect(later).toBeDefined();
      await expect(all.store.note(old, "0:0:1", minute)).rejects.toThrow(LeaseLost);
      if (later) await all.store.release(later);
      expect(await all.store.take(declaration, "here", minute)).toBeUndefined();
    });

    test("a paused subscription cannot be taken", async () => {
      const all = stores();
      const declaration = declared();
      const lease = await taken(all, declaration);
      await all.store.pause(lease, "too many");
      expect(await all.store.take(declaration, "here", minute)).toBeUndefined();
    });

    test("a parked aggregate is read again from its event, up to the position, and unparked", async () => {
      const all = stores();
      const { store } = all;
      const [aggregateId] = [await addCustomer(all), await addCustomer(all)];
      const lease = await taken(all);
      const [, second, third] = await readAll(store, lease.position, 6);
      const place = { aggregateId, nextNumber: 2 };
      await store.park(lease, { ...place, attempts: 0, retryInMs: 0, error: "no" });
      expect(await store.parkedIds(lease.name)).toEqual([aggregateId]);
      await until(async () => (await store.dueParked(lease.name, 10)).length === 1);
      const [due] = await store.dueParked(lease.name, 10);
      if (!due) throw new Error("It is due.");
      expect(due).toMatchObject({ ...place, attempts: 0, error: "no" });
      expect(await store.readParked(due, second?.position ?? "", 9)).toEqual([second]);
      expect(await store.readParked(due, third?.position ?? "", 9)).toEqual([second, third]);

      await store.advanceParked(lease, place);
      await expect(store.advanceParked(lease, place)).rejects.toThrow(LeaseLost);
      await store.park(lease, { ...place, nextNumber: 3, attempts: 4, retryInMs: minute, error: "still" });
      expect(await store.dueParked(lease.name, 10)).toEqual([]);
      await store.park(lease, { ...place, nextNumber: 3, attempts: 9, retryInMs: undefined, error: "never" });
      expect(await store.dueParked(lease.name, 10)).toEqual([]);
      await expect(store.unpark(lease, place)).rejects.toThrow(LeaseLost);
      await store.unpark(lease, { aggregateId, nextNumber: 3 });
      expect(await store.parkedIds(lease.name)).toEqual([]);
    });
  });
}
