import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  AggregateRoot,
  append,
  Command,
  CommandHandler,
  date,
  decimal,
  Event,
  erased,
  integer,
  list,
  object,
  on,
  optional,
  personal,
  string,
  time,
  ValueObject,
} from "#sequent";
import {
  AggregateRepository,
  CommandService,
  EventTypes,
  InMemoryEventStore,
  newId,
  SnapshotNotComplete,
  type Snapshots,
  SnapshotTaker,
  StoreUnavailable,
  takeSnapshot,
} from "#sequent/operations";
import { stateFromJson, stateToJson } from "../../../../src/framework/aggregates/snapshot.ts";
import { SpecTime } from "../../../../src/framework/testing/spec-time.ts";

class Count extends Command("Count", { by: integer() }) {}
class Counted extends Event("Counted", { by: integer() }) {}

class Tally extends AggregateRoot("Tally", { total: optional(integer()) }) {
  static readonly snapshots: Snapshots | undefined = { every: 5, version: 2 };

  count(by: number): void {
    this.apply(Counted, { by });
  }

  readonly handlers = [on(Counted, ({ by }) => ({ total: (this.state.total ?? 0) + by }))];
}

class TallyCommandHandler extends CommandHandler {
  readonly handlers = [
    on(Count, async ({ aggregateId, by }) => {
      let tally = await this.repository.findAggregate(Tally, aggregateId);
      if (!tally) {
        tally = new Tally(aggregateId);
        this.repository.addAggregate(tally);
      }
      tally.count(by);
    }),
  ];
}

let store: InMemoryEventStore;
let errors: unknown[];
let taker: SnapshotTaker;
let service: CommandService;
const id = newId();

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([{ Counted }]));
  errors = [];
  taker = new SnapshotTaker(store, (error) => errors.push(error));
  service = new CommandService({
    eventStore: store,
    commandHandlers: [TallyCommandHandler],
    snapshots: taker,
  });
});

async function count(times: number, aggregateId = id): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await service.executeCommands(new Count({ aggregateId, by: 1 }));
    await taker.idle();
  }
}

async function snapshotOf(aggregateId = id) {
  const [stream] = await store.load([aggregateId], { snapshotVersion: 2 });
  return stream?.snapshot;
}

const load = (aggregateId = id) => new AggregateRepository(store).loadAggregate(Tally, aggregateId);

describe("a snapshot", () => {
  class Money extends ValueObject({ amount: decimal() }) {}
  class Kept extends Event("Kept", {
    day: date(),
    at: time(),
    tag: string(),
    price: object(Money),
    note: optional(string()),
  }) {}
  class Keeper extends AggregateRoot("Keeper", {
    day: date(),
    at: time(),
    tags: list(string()),
    price: object(Money),
    note: optional(string()),
    owner: personal(string()),
  }) {
    readonly handlers = [
      on(Kept, ({ day, at, tag, price, note }) => ({ day, at, price, note, tags: append(tag) })),
      on(Counted, () => ({ tags: [], owner: erased })),
    ];
  }
  const { attributes } = Keeper;
  const throughJson = (state: object) =>
    stateFromJson(attributes, JSON.parse(JSON.stringify(stateToJson(attributes, { ...state }))));

  const kept = fc
    .record({
      day: fc.constantFrom("2026-01-31" as const, "2026-02-01" as const),
      at: fc.date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true }),
      tag: fc.string(),
      price: fc.nat().map((amount) => new Money({ amount: `${amount}` })),
      note: fc.option(fc.string(), { nil: undefined }),
    })
    .map(({ note, ...values }) => Kept.of(id, note === undefined ? values : { ...values, note }));
  const event = fc.oneof(kept, fc.constant(Counted.of(id, { by: 1 })));

  test("at any point, with the events after it, leads to the same state as all events", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.nat(), (events, place) => {
        const history = new SpecTime().happened(events);
        const version = place % (history.length + 1);
        const whole = new Keeper(id).loadFromHistory(history);
        const state = throughJson(new Keeper(id).loadFromHistory(history.slice(0, version)).state) ?? {};
        const resumed = new Keeper(id).loadFromHistory(history.slice(version), { state, version });
        expect(resumed.state).toStrictEqual(whole.state);
        expect(resumed.version).toBe(whole.version);
      }),
      { numRuns: 300 },
    );
  });

  test("that does not fit its class is ignored: another type, an attribute more or less", () => {
    const state = stateToJson(attributes, { day: "2026-01-31", at: new Date(5), tags: [] });
    expect(stateFromJson(attributes, state)).toMatchObject({ day: "2026-01-31", note: undefined });
    const { note: _, ...less } = state;
    for (const other of [{ ...state, day: 7 }, { ...state, more: null }, less])
      expect(stateFromJson(attributes, other)).toBeUndefined();
  });
});

describe("loading", () => {
  test("begins with the snapshot, and continues with the events after it", async () => {
    await count(7);
    await store.storeSnapshot({
      aggregateId: id,
      snapshotVersion: 2,
      sequenceNumber: 6,
      state: { total: 100 },
    });
    const tally = await load();
    expect([tally.state.total, tally.version]).toEqual([101, 7]);
    tally.count(1);
    expect(tally.uncommittedEvents[0]?.sequenceNumber).toBe(8);
  });

  test("uses all events if the snapshot has another version or cannot be read", async () => {
    await count(4);
    const given = { aggregateId: id, sequenceNumber: 3 };
    await store.storeSnapshot({ ...given, snapshotVersion: 1, state: { total: 100 } });
    expect((await load()).state.total).toBe(4);
    await store.storeSnapshot({ ...given, snapshotVersion: 2, state: { total: "many" } });
    expect([(await load()).state.total, (await load()).version]).toEqual([4, 4]);
  });

  test("of several returns each correctly, even if the snapshot of one cannot be read", async () => {
    const ids = [newId(), newId()] as const;
    for (const each of ids) await count(2, each);
    const given = { snapshotVersion: 2, sequenceNumber: 1 };
    await store.storeSnapshot({ ...given, aggregateId: ids[0], state: { sum: 1 } });
    await store.storeSnapshot({ ...given, aggregateId: ids[1], state: { total: 10 } });
    const tallies = await new AggregateRepository(store).loadAggregates(Tally, ids);
    expect(tallies.map(({ state }) => state.total)).toEqual([2, 11]);
  });

  test("as it was at a moment ignores later snapshots", async () => {
    await count(8);
    expect(await snapshotOf()).toMatchObject({ sequenceNumber: 5 });
    const repository = new AggregateRepository(store);
    const totals = [];
    for (const version of [4, 5, 6])
      totals.push((await repository.loadAggregateAsOf(Tally, id, version)).state.total);
    expect(totals).toEqual([4, 5, 6]);
  });
});

describe("in the background", () => {
  test("a snapshot is taken after a number of events since the last one", async () => {
    await count(4);
    expect(await snapshotOf()).toBeUndefined();
    await count(1);
    expect(await snapshotOf()).toEqual({ sequenceNumber: 5, state: { total: 5 } });
    await count(4);
    expect(await snapshotOf()).toMatchObject({ sequenceNumber: 5 });
    await count(1);
    expect(await snapshotOf()).toEqual({ sequenceNumber: 10, state: { total: 10 } });
    expect(errors).toEqual([]);
  });

  test("the answer does not wait for it, and does not fail with it", async () => {
    let fail: (error: Error) => void = () => {};
    vi.spyOn(store, "storeSnapshot").mockImplementation(
      () => new Promise<void>((_, reject) => (fail = reject)),
    );
    for (let time = 0; time < 6; time += 1)
      await service.executeCommands(new Count({ aggregateId: id, by: 1 }));
    expect((await load()).state.total).toBe(6);
    await vi.waitFor(() => expect(store.storeSnapshot).toHaveBeenCalled());
    const failure = new Error("disk full");
    fail(failure);
    await taker.idle();
    expect(errors).toEqual([failure]);
  });

  test("a snapshot that failed is taken after a later command", async () => {
    vi.spyOn(store, "storeSnapshot").mockRejectedValueOnce(new Error("not now"));
    await count(5);
    expect(await snapshotOf()).toBeUndefined();
    await count(1);
    expect(await snapshotOf()).toMatchObject({ sequenceNumber: 6 });
  });

  test("snapshots of several aggregates are taken one at a time", async () => {
    let running = 0;
    const keep = store.storeSnapshot.bind(store);
    vi.spyOn(store, "storeSnapshot").mockImplementation(async (snapshot) => {
      running += 1;
      expect(running).toBe(1);
      await turn();
      await keep(snapshot);
      running -= 1;
    });
    const ids = Array.from({ length: 5 }, newId);
    await Promise.all(
      ids.map(async (aggregateId) => {
        for (let time = 0; time < 5; time += 1)
          await service.executeCommands(new Count({ aggregateId, by: 1 }));
      }),
    );
    await taker.idle();
    expect(errors).toEqual([]);
    for (const each of ids) expect(await snapshotOf(each)).toMatchObject({ sequenceNumber: 5 });
  });

  test("an unreachable store is asked once, not once for each waiting aggregate", async () => {
    vi.spyOn(store, "storeSnapshot").mockRejectedValue(new StoreUnavailable(false));
    const ids = Array.from({ length: 5 }, newId);
    for (const each of ids) await count(4, each);
    await Promise.all(ids.map((aggregateId) => service.executeCommands(new Count({ aggregateId, by: 1 }))));
    await taker.idle();
    expect(errors).toHaveLength(1);
  });

  test("stopping waits for the snapshot that is being taken, and takes no other", async () => {
    let release: () => void = () => {};
    const keep = store.storeSnapshot.bind(store);
    vi.spyOn(store, "storeSnapshot").mockImplementation(async (snapshot) => {
      await new Promise<void>((resolve) => (release = resolve));
      await keep(snapshot);
    });
    const [one, other] = [newId(), newId()];
    taker.takeSoon([]);
    for (const each of [one, other]) {
      for (let time = 0; time < 5; time += 1)
        await service.executeCommands(new Count({ aggregateId: each, by: 1 }));
    }
    await vi.waitFor(() => expect(store.storeSnapshot).toHaveBeenCalledOnce());
    const stopped = taker.stop();
    release();
    await stopped;
    expect(await snapshotOf(one)).toMatchObject({ sequenceNumber: 5 });
    await count(1, other);
    expect(await snapshotOf(other)).toBeUndefined();
  });

  test("a class that does not ask for snapshots has none", async () => {
    class PlainTally extends Tally {
      static override readonly snapshots = undefined;
    }
    class PlainHandler extends CommandHandler {
      readonly handlers = [
        on(Count, ({ aggregateId }) => {
          const tally = new PlainTally(aggregateId);
          for (let time = 0; time < 9; time += 1) tally.count(1);
          this.repository.addAggregate(tally);
        }),
      ];
    }
    const takeSoon = vi.fn();
    const options = { eventStore: store, commandHandlers: [PlainHandler], snapshots: { takeSoon } };
    await new CommandService(options).executeCommands(new Count({ aggregateId: id, by: 1 }));
    expect(takeSoon.mock.calls).toEqual([[[]]]);
  });
});

describe("takeSnapshot", () => {
  test("takes what is due, once", async () => {
    await count(5);
    await store.storeSnapshot({
      aggregateId: id,
      snapshotVersion: 2,
      sequenceNumber: 5,
      state: { total: 5 },
    });
    expect(await takeSnapshot(store, Tally, id)).toBe(false);
    expect(await takeSnapshot(store, Tally, newId())).toBe(false);
  });

  test("replaces one that cannot be read", async () => {
    await count(4);
    await store.storeSnapshot({ aggregateId: id, snapshotVersion: 2, sequenceNumber: 3, state: { sum: 3 } });
    await count(1);
    expect(await snapshotOf()).toEqual({ sequenceNumber: 5, state: { total: 5 } });
  });

  test("stores nothing if the state is not as declared, and names the attribute", async () => {
    class Renamed extends AggregateRoot("Tally", { total: string() }) {
      static readonly snapshots = { every: 5, version: 2 };
      readonly handlers = [on(Counted, ({ by }) => ({ total: by as unknown as string }))];
    }
    await count(4);
    await new CommandService({ eventStore: store, commandHandlers: [TallyCommandHandler] }).executeCommands(
      new Count({ aggregateId: id, by: 1 }),
    );
    const taking = takeSnapshot(store, Renamed, id);
    await expect(taking).rejects.toThrow(SnapshotNotComplete);
    await expect(taking).rejects.toThrow(
      'There is no snapshot of Renamed, because its state does not fit AggregateRoot("Tally", { … }): total: not a string.',
    );
    expect(await snapshotOf()).toBeUndefined();
  });

  test("stores nothing if an attribute would come back with another value", async () => {
    const forgetful = { ...integer(), toJson: () => 0 };
    class Forgetful extends AggregateRoot("Tally", { total: forgetful }) {
      static readonly snapshots = { every: 5, version: 2 };
      readonly handlers = [on(Counted, ({ by }) => ({ total: by }))];
    }
    await count(4);
    await new CommandService({ eventStore: store, commandHandlers: [TallyCommandHandler] }).executeCommands(
      new Count({ aggregateId: id, by: 1 }),
    );
    await expect(takeSnapshot(store, Forgetful, id)).rejects.toThrow("its JSON gives back other values");
    expect(await snapshotOf()).toBeUndefined();
  });
});
