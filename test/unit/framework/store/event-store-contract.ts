import { beforeAll, describe, expect, test } from "vitest";
import {
  AggregateClosed,
  AggregateKeyNotUnique,
  AggregateNotFound,
  type Attribute,
  type BaseEvent,
  CreationCommand,
  Event,
  optional,
  string,
} from "#sequent";
import {
  AggregateAlreadyExists,
  CommandAlreadyStored,
  type CommandEnvelope,
  ConcurrentChange,
  EventNotListed,
  type EventStore,
  EventTypes,
  emptyUnit,
  type JsonObject,
  type LoadOptions,
  newId,
  ProjectorFailed,
  SequenceGap,
  type UnitOfWork,
} from "#sequent/operations";
import { begin } from "../../../support/begin.ts";
import { contractItems } from "../projections/persistor-contract.ts";

/** JSON without a copy. */
const json: Attribute<JsonObject> = {
  parse: (input) => input as JsonObject,
  toJson: (value) => value,
  fromJson: (value) => value as JsonObject,
};

class Happened extends Event("Happened", { text: string(), note: optional(string()) }) {}
class Measured extends Event("Measured", { values: json }) {}
class Do extends CreationCommand("Do", { values: json }) {}

const scope = () => `scope ${newId()}`;

/** An event with a number, because the store takes events as they are. */
function happened(aggregateId: string, sequenceNumber: number, text = `${sequenceNumber}`): Happened {
  return new Happened({ aggregateId, sequenceNumber, createdAt: new Date(), text });
}

function command(values: Partial<{ values: JsonObject } & CommandEnvelope> = {}): Do {
  return new Do({ values: {}, ...values });
}

/** A unit of one command with events, and other parts. */
function unitOf(events: readonly BaseEvent[], more: Partial<UnitOfWork> = {}): UnitOfWork {
  return { ...emptyUnit, commands: [{ command: command(), cause: undefined, events }], ...more };
}

/** A unit that adds an aggregate with an event at each of these times. */
function happenedAt(aggregateId: string, times: readonly number[]): UnitOfWork {
  const events = times.map(
    (time, index) =>
      new Happened({ aggregateId, sequenceNumber: index + 1, createdAt: new Date(time), text: "" }),
  );
  return unitOf(events, { newAggregates: [{ aggregateId, aggregateType: "Thing" }] });
}

/** A unit that adds an aggregate. */
function adding(aggregateId: string, more: Partial<UnitOfWork> = {}): UnitOfWork {
  return unitOf([happened(aggregateId, 1)], {
    newAggregates: [{ aggregateId, aggregateType: "Thing" }],
    ...more,
  });
}

const taken = (scope: string, key: string, aggregateId: string) => ({ scope, key, aggregateId, taken: true });
const freed = (scope: string, key: string, aggregateId: string) => ({
  scope,
  key,
  aggregateId,
  taken: false,
});

/**
 * What every event store must do. The store may hold other data and be used by others meanwhile. It needs the tables of the
 * persistor contract. `makeStore` is called once.
 */
export function describeEventStore(
  name: string,
  makeStore: (eventTypes: EventTypes) => EventStore | Promise<EventStore>,
): void {
  describe(`${name} keeps the contract of an event store`, () => {
    let store: EventStore;

    beforeAll(async () => {
      store = await makeStore(new EventTypes([{ Happened, Measured }]));
    });

    const commit = (unit: UnitOfWork) => store.store(async () => unit);

    /** A stored aggregate with this number of events. */
    async function given(count = 1, more: Partial<UnitOfWork> = {}): Promise<string> {
      const id = newId();
      const events = Array.from({ length: count }, (_, index) => happened(id, index + 1));
      await commit(unitOf(events, { newAggregates: [{ aggregateId: id, aggregateType: "Thing" }], ...more }));
      return id;
    }

    async function numbersOf(aggregateId: string): Promise<number[]> {
      const [stream] = await store.load([aggregateId]);
      return stream?.events.map(({ sequenceNumber }) => sequenceNumber) ?? [];
    }

    async function readRow(id: string) {
      const transaction = begin(store);
      const row = await transaction.readRow(contractItems, { id });
      await transaction.rollback();
      return row;
    }

    const row = (id: string) => ({
      id,
      name: "item",
      shelf: 1,
      count: 0,
      done: false,
      changed_at: new Date(),
    });

    describe("load", () => {
      test("returns the same events, in the order of their numbers", async () => {
        const id = newId();
        const events = [
          new Happened({ aggregateId: id, sequenceNumber: 1, createdAt: new Date(1), text: "'é\"\\\n😀" }),
          new Measured({
            aggregateId: id,
            sequenceNumber: 2,
            createdAt: new Date(),
            values: { a: [1.5, null, true] },
          }),
          new Happened({ aggregateId: id, sequenceNumber: 3, createdAt: new Date(), text: "", note: "n" }),
        ];
        await commit(unitOf(events, { newAggregates: [{ aggregateId: id, aggregateType: "Thing" }] }));
        const streams = await store.load([id]);
        expect(streams).toEqual([{ aggregateId: id, aggregateType: "Thing", events }]);
        expect(streams[0]?.events.map((event) => event.class)).toEqual([Happened, Measured, Happened]);
      });

      test("returns one stream for each aggregate that exists, however often its id is given", async () => {
        const [one, other] = [await given(2), await given(1)];
        const streams = await store.load([one, newId(), other, one]);
        expect(streams.map(({ aggregateId, events }) => `${aggregateId} ${events.length}`).sort()).toEqual(
          [`${one} 2`, `${other} 1`].sort(),
        );
        expect(await store.load([newId()])).toEqual([]);
        expect(await store.load([])).toEqual([]);
      });

      test("returns a thousand events in order", async () => {
        const id = await given(1000);
        expect(await numbersOf(id)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
      });
    });

    describe("load, as it was", () => {
      test("returns the events up to a number", async () => {
        const id = await given(5);
        for (const upTo of [1, 3, 5]) {
          const [stream] = await store.load([id], { upTo });
          expect(stream?.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
            [1, 2, 3, 4, 5].slice(0, upTo),
          );
        }
        expect((await store.load([id], { upTo: 2 ** 40 }))[0]?.events).toHaveLength(5);
        expect(await store.load([id], { upTo: 0 })).toEqual([]);
      });

      test("knows the number of events of an aggregate at a time", async () => {
        const id = newId();
        const times = [1_000, 2_000, 2_000, 5_000];
        await commit(happenedAt(id, times));
        const asked = [999, 1_000, 1_999, 2_000, 4_999, 5_000, 9_000];
        const versions = await Promise.all(asked.map((time) => store.versionAt(id, new Date(time))));
        expect(versions).toEqual([0, 1, 1, 3, 3, 4, 4]);
        expect(await store.versionAt(newId(), new Date())).toBe(0);
      });

      test("has no gap at a time, even if the clock of the writer went backwards", async () => {
        const id = newId();
        const times = [1_000, 9_000, 2_000];
        await commit(happenedAt(id, times));
        expect(await store.versionAt(id, new Date(5_000))).toBe(3);
      });
    });

    describe("snapshots", () => {
      const state = { text: 'it\'s "so"', list: [1, null, { a: true }] };
      const snapshot = (aggregateId: string, sequenceNumber: number, snapshotVersion = 1) => ({
        aggregateId,
        snapshotVersion,
        sequenceNumber,
        state: { ...state, sequenceNumber },
      });

      async function loaded(aggregateId: string, options: LoadOptions) {
        const [stream] = await store.load([aggregateId], options);
        return [stream?.snapshot?.sequenceNumber, stream?.events.map((event) => event.sequenceNumber)];
      }

      test("come with the events after them, instead of the events before", async () => {
        const id = await given(5);
        await store.storeSnapshot(snapshot(id, 3));
        expect(await store.load([id], { snapshotVersion: 1 })).toEqual([
          {
            aggregateId: id,
            aggregateType: "Thing",
            snapshot: { sequenceNumber: 3, state: { ...state, sequenceNumber: 3 } },
            events: (await store.load([id]))[0]?.events.slice(3),
          },
        ]);
        await commit(unitOf([happened(id, 6)]));
        expect(await loaded(id, { snapshotVersion: 1 })).toEqual([3, [4, 5, 6]]);
      });

      test("come alone if there are no later events", async () => {
        const id = await given(2);
        await store.storeSnapshot(snapshot(id, 2));
        expect(await loaded(id, { snapshotVersion: 1 })).toEqual([2, []]);
      });

      test("come only if their version is asked for", async () => {
        const id = await given(4);
        await store.storeSnapshot(snapshot(id, 3, 1));
        await store.storeSnapshot(snapshot(id, 2, 2));
        expect(await loaded(id, { snapshotVersion: 1 })).toEqual([3, [4]]);
        expect(await loaded(id, { snapshotVersion: 2 })).toEqual([2, [3, 4]]);
        expect(await loaded(id, { snapshotVersion: 3 })).toEqual([undefined, [1, 2, 3, 4]]);
        expect(await loaded(id, {})).toEqual([undefined, [1, 2, 3, 4]]);
      });

      test("are never later than the requested time or version", async () => {
        const id = await given(4);
        await store.storeSnapshot(snapshot(id, 3));
        expect(await loaded(id, { snapshotVersion: 1, upTo: 2 })).toEqual([undefined, [1, 2]]);
        expect(await loaded(id, { snapshotVersion: 1, upTo: 3 })).toEqual([3, []]);
        expect(await loaded(id, { snapshotVersion: 1, upTo: 4 })).toEqual([3, [4]]);
      });

      test("come for each of several aggregates that has one", async () => {
        const ids = [await given(3), await given(2), await given(1)];
        await store.storeSnapshot(snapshot(ids[0] ?? "", 2));
        await store.storeSnapshot(snapshot(ids[2] ?? "", 1));
        const streams = await store.load(ids, { snapshotVersion: 1 });
        const found = ids.map((id) => {
          const stream = streams.find(({ aggregateId }) => aggregateId === id);
          return [stream?.snapshot?.sequenceNumber, stream?.events.length];
        });
        expect(found).toEqual([
          [2, 1],
          [undefined, 2],
          [1, 0],
        ]);
      });

      test("are kept only if they are the newest, in whatever order they arrive", async () => {
        const id = await given(9);
        await store.storeSnapshot(snapshot(id, 5));
        await store.storeSnapshot(snapshot(id, 3));
        expect(await loaded(id, { snapshotVersion: 1 })).toEqual([5, [6, 7, 8, 9]]);
        await Promise.all([6, 9, 7, 8].map((number) => store.storeSnapshot(snapshot(id, number))));
        expect(await loaded(id, { snapshotVersion: 1 })).toEqual([9, []]);
      });

      test("do not change if the given or returned object changes", async () => {
        const id = await given(1);
        const changing = { list: [1] };
        await store.storeSnapshot({ ...snapshot(id, 1), state: changing });
        changing.list.push(2);
        for (let times = 0; times < 2; times += 1) {
          const [stream] = await store.load([id], { snapshotVersion: 1 });
          const read = stream?.snapshot?.state as typeof changing | undefined;
          expect(read).toEqual({ list: [1] });
          read?.list.push(3);
        }
      });
    });

    test("the type of an aggregate is known, and undefined if there is no aggregate", async () => {
      expect(await store.aggregateType(await given())).toBe("Thing");
      expect(await store.aggregateType(newId())).toBeUndefined();
    });

    describe("numbers have no gaps", () => {
      test("events continue their stream", async () => {
        const id = await given(8);
        await commit(unitOf([happened(id, 9), happened(id, 10)]));
        await commit(unitOf([happened(id, 11)]));
        expect(await numbersOf(id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      });

      test("a number that is already stored is a lost race", async () => {
        const id = await given(2);
        const committing = commit(unitOf([happened(id, 2)]));
        await expect(committing).rejects.toThrow(ConcurrentChange);
        await expect(committing).rejects.toMatchObject({ aggregateIds: [id] });
        expect(await numbersOf(id)).toEqual([1, 2]);
      });

      test("of many units at the same time, one wins", async () => {
        const id = await given(1);
        const answers = await Promise.allSettled(
          [1, 2, 3, 4].map((each) => commit(unitOf([happened(id, 2, `${each}`)]))),
        );
        const lost = answers.filter((answer) => answer.status === "rejected");
        expect(lost).toHaveLength(3);
        for (const { reason } of lost) expect(reason).toBeInstanceOf(ConcurrentChange);
        expect(await numbersOf(id)).toEqual([1, 2]);
      });

      test("a gap is refused, in a stream and at its start", async () => {
        const [id, other] = [await given(1), newId()];
        await expect(commit(unitOf([happened(id, 3)]))).rejects.toThrow(SequenceGap);
        await expect(commit(unitOf([happened(id, 2), happened(id, 4)]))).rejects.toThrow(SequenceGap);
        const newAggregates = [{ aggregateId: other, aggregateType: "Thing" }];
        await expect(commit(unitOf([happened(other, 2)], { newAggregates }))).rejects.toThrow(SequenceGap);
        expect(await numbersOf(id)).toEqual([1]);
        expect(await store.aggregateType(other)).toBeUndefined();
      });

      test("events without an aggregate are refused", async () => {
        const id = newId();
        await expect(commit(unitOf([happened(id, 1)]))).rejects.toThrow(SequenceGap);
        expect(await store.load([id])).toEqual([]);
      });
    });

    describe("an aggregate is added once", () => {
      test("a taken id is refused, whatever the type", async () => {
        const id = await given(1);
        for (const aggregateType of ["Thing", "Other"]) {
          const committing = commit(
            unitOf([happened(id, 1)], { newAggregates: [{ aggregateId: id, aggregateType }] }),
          );
          await expect(committing).rejects.toThrow(AggregateAlreadyExists);
          await expect(committing).rejects.toMatchObject({ aggregateIds: [id] });
        }
      });

      test("of many units that add it at the same time, one wins", async () => {
        const id = newId();
        const answers = await Promise.allSettled([1, 2, 3].map(() => commit(adding(id))));
        expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        for (const answer of answers)
          if (answer.status === "rejected") expect(answer.reason).toBeInstanceOf(AggregateAlreadyExists);
      });
    });

    describe("a required aggregate must exist", () => {
      test("with its id and its type", async () => {
        const author = await given();
        const missing = newId();
        await commit(adding(newId(), { required: [{ aggregateId: author, aggregateType: "Thing" }] }));
        for (const reference of [
          { aggregateId: missing, aggregateType: "Thing" },
          { aggregateId: author, aggregateType: "Other" },
        ]) {
          const id = newId();
          const committing = commit(adding(id, { required: [reference] }));
          await expect(committing).rejects.toThrow(AggregateNotFound);
          await expect(committing).rejects.toMatchObject(reference);
          expect(await store.load([id])).toEqual([]);
        }
      });

      test("and must not be closed", async () => {
        const author = await given();
        const reference = { aggregateId: author, aggregateType: "Thing" };
        await commit(adding(newId(), { required: [reference] }));
        await commit(unitOf([happened(author, 2)], { closed: [author] }));
        const id = newId();
        const committing = commit(adding(id, { required: [reference] }));
        await expect(committing).rejects.toThrow(AggregateClosed);
        await expect(committing).rejects.toMatchObject(reference);
        expect(await store.load([id])).toEqual([]);
        expect(await store.aggregateType(author)).toBe("Thing");
        const wrong = commit(adding(newId(), { required: [{ ...reference, aggregateType: "Other" }] }));
        await expect(wrong).rejects.toThrow(AggregateNotFound);
      });

      test("but is not closed by a refused unit", async () => {
        const author = await given();
        const reference = { aggregateId: author, aggregateType: "Thing" };
        await expect(commit(unitOf([happened(author, 9)], { closed: [author] }))).rejects.toThrow(
          SequenceGap,
        );
        await commit(adding(newId(), { required: [reference] }));
      });

      test("and may be closed by the same unit or by another one", async () => {
        const author = await given();
        const required = [{ aggregateId: author, aggregateType: "Thing" }];
        const id = newId();
        const events = [happened(id, 1), happened(author, 2)];
        const newAggregates = [{ aggregateId: id, aggregateType: "Thing" }];
        await commit(unitOf(events, { newAggregates, required, closed: [author] }));
        await expect(commit(adding(newId(), { required }))).rejects.toThrow(AggregateClosed);
      });

      test("and may be added by the same unit", async () => {
        const id = newId();
        await commit(adding(id, { required: [{ aggregateId: id, aggregateType: "Thing" }] }));
        expect(await numbersOf(id)).toEqual([1]);
      });
    });

    describe("commands", () => {
      test("come back as they were stored", async () => {
        const [id, other] = [newId(), newId()];
        const metadata = { requestId: 'it\'s "so"', attempt: 1.5, isTrial: false };
        const [plain, caused, later] = [
          command({ aggregateId: id, values: { a: [1, "x"], b: { c: null } }, userId: "ben", metadata }),
          command({ aggregateId: newId(), createdAt: new Date(5) }),
          command({ aggregateId: id }),
        ];
        const cause = { aggregateId: id, sequenceNumber: 1 };
        const commands = [
          {
            command: plain,
            cause: undefined,
            events: [happened(id, 1), happened(id, 2), happened(other, 1)],
          },
          { command: caused, cause, events: [] },
          { command: later, cause: undefined, events: [happened(id, 3)] },
        ];
        const newAggregates = [id, other].map((aggregateId) => ({ aggregateId, aggregateType: "Thing" }));
        await commit(unitOf([], { commands, newAggregates }));
        const found = await store.findCommands([plain.commandId, newId(), caused.commandId, plain.commandId]);
        expect(found).toHaveLength(2);
        expect(found.find(({ commandId }) => commandId === plain.commandId)).toEqual({
          commandId: plain.commandId,
          type: "Do",
          aggregateId: id,
          payload: { values: { a: [1, "x"], b: { c: null } } },
          userId: "ben",
          cause: undefined,
          metadata,
          createdAt: plain.createdAt,
          eventCount: 3,
          version: 2,
        });
        expect(found.find(({ commandId }) => commandId === caused.commandId)).toMatchObject({
          userId: undefined,
          cause,
          metadata: undefined,
          createdAt: new Date(5),
          eventCount: 0,
          version: undefined,
        });
        expect(await store.findCommands([])).toEqual([]);
      });

      test("come back with their user, so a command of somebody else is another one", async () => {
        const aggregateId = newId();
        const ofBen = command({ aggregateId, userId: "ben" });
        const ofNobody = command({ aggregateId });
        const commands = [ofBen, ofNobody].map((each) => ({ command: each, cause: undefined, events: [] }));
        await commit(unitOf([], { commands }));
        for (const one of [ofBen, ofNobody]) {
          const [stored] = await store.findCommands([one.commandId]);
          const same = ["ben", "eve", undefined].map(
            (userId) => stored && command({ ...one, userId }).asksTheSameAs(stored),
          );
          expect(same).toEqual(one === ofBen ? [true, false, false] : [false, false, true]);
        }
      });

      test("are stored once for each id", async () => {
        const repeated = command();
        const unit = (id: string) => ({
          ...adding(id),
          commands: [{ command: repeated, cause: undefined, events: [happened(id, 1)] }],
        });
        await commit(unit(newId()));
        const id = newId();
        const committing = commit(unit(id));
        await expect(committing).rejects.toThrow(CommandAlreadyStored);
        await expect(committing).rejects.toMatchObject({ commandIds: [repeated.commandId] });
        expect(await store.load([id])).toEqual([]);
      });

      test("are stored once for each id, also within one unit and at the same time", async () => {
        const repeated = command();
        const once = { command: repeated, cause: undefined, events: [] };
        await expect(commit(unitOf([], { commands: [once, once] }))).rejects.toThrow(CommandAlreadyStored);
        const answers = await Promise.allSettled(
          [1, 2, 3].map(() => commit(unitOf([], { commands: [once] }))),
        );
        expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        for (const answer of answers)
          if (answer.status === "rejected") expect(answer.reason).toBeInstanceOf(CommandAlreadyStored);
      });
    });

    describe("unique keys", () => {
      test("lead to their aggregate, each in its scope", async () => {
        const [one, other] = [scope(), scope()];
        const id = newId();
        await commit(
          adding(id, { keyChanges: [taken(one, "a", id), taken(one, "b", id), taken(other, "c", id)] }),
        );
        expect(await store.findByUniqueKey(one, "a")).toBe(id);
        expect(await store.findByUniqueKey(one, "b")).toBe(id);
        expect(await store.findByUniqueKey(other, "c")).toBe(id);
        expect(await store.findByUniqueKey(one, "c")).toBeUndefined();
      });

      test("belong to one aggregate, of whatever type, and a unit that wants a taken key is not stored", async () => {
        const name = scope();
        const [first, second] = [newId(), newId()];
        await commit(adding(first, { keyChanges: [taken(name, 'it\'s "a"', first)] }));
        const committing = commit(
          adding(second, {
            newAggregates: [{ aggregateId: second, aggregateType: "Other" }],
            keyChanges: [taken(name, "free", second), taken(name, 'it\'s "a"', second)],
          }),
        );
        await expect(committing).rejects.toThrow(AggregateKeyNotUnique);
        await expect(committing).rejects.toMatchObject({ scope: name, key: 'it\'s "a"' });
        expect(await store.load([second])).toEqual([]);
        expect(await store.aggregateType(second)).toBeUndefined();
        expect(await store.findByUniqueKey(name, "free")).toBeUndefined();
        expect(await store.findByUniqueKey(name, 'it\'s "a"')).toBe(first);
      });

      test("cannot be taken by two aggregates of one unit", async () => {
        const name = scope();
        const [first, second] = [newId(), newId()];
        const unit = unitOf([happened(first, 1), happened(second, 1)], {
          newAggregates: [first, second].map((aggregateId) => ({ aggregateId, aggregateType: "Thing" })),
          keyChanges: [taken(name, "a", first), taken(name, "a", second)],
        });
        await expect(commit(unit)).rejects.toThrow(AggregateKeyNotUnique);
        expect(await store.findByUniqueKey(name, "a")).toBeUndefined();
      });

      test("go to one of many units that want one at the same time", async () => {
        const name = scope();
        const newIds = [newId(), newId(), newId(), newId()];
        const answers = await Promise.allSettled(
          newIds.map((id) => commit(adding(id, { keyChanges: [taken(name, "a", id)] }))),
        );
        expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        for (const answer of answers)
          if (answer.status === "rejected") expect(answer.reason).toBeInstanceOf(AggregateKeyNotUnique);
        expect((await store.load(newIds)).map(({ aggregateId }) => aggregateId)).toEqual([
          await store.findByUniqueKey(name, "a"),
        ]);
      });

      test("can be taken by others after they are freed", async () => {
        const name = scope();
        const [first, second] = [newId(), newId()];
        await commit(adding(first, { keyChanges: [taken(name, "a", first)] }));
        await commit(
          unitOf([happened(first, 2)], { keyChanges: [freed(name, "a", first), taken(name, "b", first)] }),
        );
        expect(await store.findByUniqueKey(name, "a")).toBeUndefined();
        await commit(adding(second, { keyChanges: [taken(name, "a", second)] }));
        expect(await store.findByUniqueKey(name, "a")).toBe(second);
        expect(await store.findByUniqueKey(name, "b")).toBe(first);
      });

      test("move from one aggregate to another in one unit, in any order of the changes", async () => {
        const name = scope();
        const [first, second] = [newId(), newId()];
        await commit(adding(first, { keyChanges: [taken(name, "a", first)] }));
        await commit(adding(second, { keyChanges: [taken(name, "a", second), freed(name, "a", first)] }));
        expect(await store.findByUniqueKey(name, "a")).toBe(second);
      });

      test("are swapped between two aggregates in one unit", async () => {
        const name = scope();
        const [first, second] = [newId(), newId()];
        await commit(adding(first, { keyChanges: [taken(name, "a", first)] }));
        await commit(adding(second, { keyChanges: [taken(name, "b", second)] }));
        await commit(
          unitOf([happened(first, 2), happened(second, 2)], {
            keyChanges: [
              freed(name, "a", first),
              taken(name, "b", first),
              freed(name, "b", second),
              taken(name, "a", second),
            ],
          }),
        );
        expect(await store.findByUniqueKey(name, "a")).toBe(second);
        expect(await store.findByUniqueKey(name, "b")).toBe(first);
      });

      test("can only be freed by their aggregate", async () => {
        const name = scope();
        const [first, second] = [newId(), newId()];
        await commit(adding(first, { keyChanges: [taken(name, "a", first)] }));
        await commit(adding(second, { keyChanges: [freed(name, "a", second)] }));
        expect(await store.findByUniqueKey(name, "a")).toBe(first);
      });

      test("do not change if the unit is not stored", async () => {
        const name = scope();
        const id = newId();
        await commit(adding(id, { keyChanges: [taken(name, "a", id)] }));
        const racing = unitOf([happened(id, 1)], {
          keyChanges: [freed(name, "a", id), taken(name, "b", id)],
        });
        await expect(commit(racing)).rejects.toThrow(ConcurrentChange);
        expect(await store.findByUniqueKey(name, "a")).toBe(id);
        expect(await store.findByUniqueKey(name, "b")).toBeUndefined();
      });
    });

    describe("an event that could not be read again", () => {
      class Unlisted extends Event("Unlisted") {}
      class Impostor extends Event("Happened", { text: string() }) {}
      const envelope = () => ({ aggregateId: newId(), sequenceNumber: 1, createdAt: new Date() });

      test.each([
        ["of an unlisted class", () => new Unlisted(envelope()), "Unlisted is not listed"],
        [
          "of another class than the listed one with its name",
          () => new Impostor({ ...envelope(), text: "" }),
          'Impostor is saved as "Happened", and so is Happened',
        ],
      ])("is refused with its whole unit: %s", async (_, make, message) => {
        const event = make();
        const there = await given();
        const unit = unitOf([happened(there, 2), event], {
          newAggregates: [{ aggregateId: event.aggregateId, aggregateType: "Thing" }],
        });
        const committing = commit(unit);
        await expect(committing).rejects.toThrow(EventNotListed);
        await expect(committing).rejects.toThrow(message);
        await expect(committing).rejects.toThrow("new EventTypes([");
        expect(await numbersOf(there)).toEqual([1]);
        expect(await store.aggregateType(event.aggregateId)).toBeUndefined();
        expect(await store.findCommands(unit.commands.map(({ command }) => command.commandId))).toEqual([]);
      });
    });

    describe("stored values do not change", () => {
      test("if the object that was given to the store changes", async () => {
        const id = newId();
        const [values, asked] = [{ list: [1] }, { list: [1] }];
        const createdAt = new Date(1000);
        const event = new Measured({ aggregateId: id, sequenceNumber: 1, createdAt, values });
        const executed = { command: command({ values: asked }), cause: undefined, events: [event] };
        await commit(adding(id, { commands: [executed] }));
        values.list.push(2);
        asked.list.push(2);
        createdAt.setFullYear(1999);
        const [stream] = await store.load([id]);
        expect(stream?.events).toMatchObject([{ values: { list: [1] }, createdAt: new Date(1000) }]);
        const [stored] = await store.findCommands([executed.command.commandId]);
        expect(stored?.payload).toEqual({ values: { list: [1] } });
      });

      test("if the object that the store returned changes", async () => {
        const id = newId();
        const values = { list: [1] };
        const event = new Measured({ aggregateId: id, sequenceNumber: 1, createdAt: new Date(1000), values });
        await commit(unitOf([event], { newAggregates: [{ aggregateId: id, aggregateType: "Thing" }] }));
        const loaded = (await store.load([id]))[0]?.events[0] as Measured;
        (loaded.values as unknown as typeof values).list.push(2);
        loaded.createdAt.setFullYear(1999);
        const [again] = await store.load([id]);
        expect(again?.events).toMatchObject([{ values: { list: [1] }, createdAt: new Date(1000) }]);
      });
    });

    describe("rows are stored with the unit", () => {
      test("together with its events", async () => {
        const id = newId();
        await commit(adding(id, { rowChanges: [{ kind: "insert", table: contractItems, values: row(id) }] }));
        expect(await readRow(id)).toMatchObject({ id, name: "item", note: null });
        expect(await numbersOf(id)).toEqual([1]);
      });

      test("or not at all: no events without rows, no rows without events", async () => {
        const [there, id] = [newId(), newId()];
        const insert = (each: string) => ({
          kind: "insert" as const,
          table: contractItems,
          values: row(each),
        });
        await commit(adding(there, { rowChanges: [insert(there)] }));
        await expect(commit(adding(id, { rowChanges: [insert(id), insert(there)] }))).rejects.toThrow();
        await expect(commit(unitOf([happened(there, 1)], { rowChanges: [insert(id)] }))).rejects.toThrow(
          ConcurrentChange,
        );
        expect(await numbersOf(id)).toEqual([]);
        expect(await readRow(id)).toBeUndefined();
      });

      test("and a refused row leads to an error with its projector and event", async () => {
        const id = newId();
        const event = happened(id, 1);
        const cause = { projector: "ItemProjector", event };
        const insert = { kind: "insert" as const, table: contractItems, values: row(id), cause };
        await commit(adding(id, { rowChanges: [insert] }));
        const committing = commit(unitOf([happened(id, 2)], { rowChanges: [insert] }));
        await expect(committing).rejects.toThrow(ProjectorFailed);
        await expect(committing).rejects.toMatchObject(cause);
        expect(await numbersOf(id)).toEqual([1]);
      });

      test("also rows that were written before its end", async () => {
        const id = newId();
        const transaction = begin(store);
        await transaction.write([{ kind: "insert", table: contractItems, values: row(id) }]);
        expect(await transaction.readRow(contractItems, { id })).toMatchObject({ id });
        await transaction.commit(adding(id));
        expect(await readRow(id)).toMatchObject({ id });
      });

      test("and after its end, nothing can be read or written", async () => {
        const [committed, rolledBack, id] = [begin(store), begin(store), newId()];
        await committed.commit(adding(newId()));
        await rolledBack.rollback();
        for (const transaction of [committed, rolledBack]) {
          await expect(transaction.readRow(contractItems, { id })).rejects.toThrow("has ended");
          const insert = { kind: "insert" as const, table: contractItems, values: row(id) };
          await expect(transaction.write([insert])).rejects.toThrow("has ended");
        }
        expect(await readRow(id)).toBeUndefined();
      });

      test("and rows that were written before its end are undone if it is refused or rolled back", async () => {
        const [refused, rolledBack, id] = [newId(), newId(), await given()];
        const write = async (each: string) => {
          const transaction = begin(store);
          await transaction.write([{ kind: "insert", table: contractItems, values: row(each) }]);
          return transaction;
        };
        const first = await write(refused);
        await expect(first.commit(unitOf([happened(id, 1)]))).rejects.toThrow(ConcurrentChange);
        await first.rollback();
        await (await write(rolledBack)).rollback();
        expect(await readRow(refused)).toBeUndefined();
        expect(await readRow(rolledBack)).toBeUndefined();
        await commit(unitOf([happened(id, 2)]));
        expect(await numbersOf(id)).toEqual([1, 2]);
      });

      test("and a unit that reads a row waits for the unit that read it before", async () => {
        const id = newId();
        await commit(adding(id, { rowChanges: [{ kind: "insert", table: contractItems, values: row(id) }] }));
        const addOne = async (number: number) => {
          const transaction = begin(store);
          const read = await transaction.readRow(contractItems, { id });
          const changes = { count: Number((read as { count: number } | undefined)?.count) + number };
          await new Promise((resolve) => setTimeout(resolve, 5));
          const rowChanges = [{ kind: "update" as const, table: contractItems, where: { id }, changes }];
          await transaction.commit(unitOf([], { rowChanges }));
        };
        await Promise.all([addOne(1), addOne(10), addOne(100)]);
        expect(await readRow(id)).toMatchObject({ count: 111 });
      });
    });

    describe("a dry run", () => {
      const failure = (doing: Promise<void>) =>
        doing.then(
          () => undefined,
          (error: Error) => error,
        );

      const dryRun = (unit: UnitOfWork) => store.store(async () => unit, { dryRun: true });

      test("of a valid unit leaves nothing behind, and the unit can still be stored", async () => {
        const [id, author, named] = [newId(), await given(), scope()];
        const unit = adding(id, {
          keyChanges: [taken(named, "ben", id)],
          required: [{ aggregateId: author, aggregateType: "Thing" }],
          rowChanges: [{ kind: "insert", table: contractItems, values: row(id) }],
        });
        await dryRun(unit);
        await dryRun(unit);
        expect(await store.load([id])).toEqual([]);
        expect(await store.aggregateType(id)).toBeUndefined();
        expect(await store.findByUniqueKey(named, "ben")).toBeUndefined();
        expect(await store.findCommands(unit.commands.map(({ command }) => command.commandId))).toEqual([]);
        expect(await readRow(id)).toBeUndefined();
        await commit(unit);
        expect(await numbersOf(id)).toEqual([1]);
        expect(await readRow(id)).toMatchObject({ id });
      });

      test("of a unit that closes an aggregate leaves it open", async () => {
        const id = await given();
        await dryRun(unitOf([happened(id, 2)], { closed: [id] }));
        await commit(adding(newId(), { required: [{ aggregateId: id, aggregateType: "Thing" }] }));
        expect(await numbersOf(id)).toEqual([1]);
      });

      test("also undoes the rows that were written before its end", async () => {
        const id = newId();
        const transaction = begin(store, { dryRun: true });
        await transaction.write([{ kind: "insert", table: contractItems, values: row(id) }]);
        await transaction.commit(adding(id));
        expect(await readRow(id)).toBeUndefined();
        expect(await store.load([id])).toEqual([]);
      });

      test("is refused in the same cases as the unit itself, with the same errors", async () => {
        const [id, named, stored] = [await given(2), scope(), command()];
        const closed = await given();
        await commit(unitOf([happened(closed, 2)], { closed: [closed] }));
        await commit({ ...unitOf([]), commands: [{ command: stored, cause: undefined, events: [] }] });
        await given(1, { keyChanges: [taken(named, "ben", id)] });
        const itemId = newId();
        const rowChanges = [{ kind: "insert" as const, table: contractItems, values: row(itemId) }];
        await commit(adding(newId(), { rowChanges }));
        class Unlisted extends Event("Unlisted") {}
        const cause = { projector: "ItemProjector", event: happened(id, 3) };
        const refused: [UnitOfWork, new (...args: never[]) => Error][] = [
          [unitOf([happened(id, 2)]), ConcurrentChange],
          [unitOf([happened(id, 4)]), SequenceGap],
          [
            unitOf([], { newAggregates: [{ aggregateId: id, aggregateType: "Thing" }] }),
            AggregateAlreadyExists,
          ],
          [unitOf([], { required: [{ aggregateId: newId(), aggregateType: "Thing" }] }), AggregateNotFound],
          [unitOf([], { required: [{ aggregateId: closed, aggregateType: "Thing" }] }), AggregateClosed],
          [unitOf([], { keyChanges: [taken(named, "ben", newId())] }), AggregateKeyNotUnique],
          [
            { ...unitOf([]), commands: [{ command: stored, cause: undefined, events: [] }] },
            CommandAlreadyStored,
          ],
          [unitOf([Unlisted.of(id)]), EventNotListed],
          [unitOf([], { rowChanges: rowChanges.map((change) => ({ ...change, cause })) }), ProjectorFailed],
        ];
        for (const [unit, errorClass] of refused) {
          const [dry, real] = [await failure(dryRun(unit)), await failure(commit(unit))];
          expect(dry).toBeInstanceOf(errorClass);
          expect(real).toBeInstanceOf(errorClass);
          expect(dry?.message).toBe(real?.message);
        }
        expect(await numbersOf(id)).toEqual([1, 2]);
      });

      test("ends its transaction: afterwards nothing can be read or written", async () => {
        const transaction = begin(store, { dryRun: true });
        await transaction.commit(adding(newId()));
        await expect(transaction.readRow(contractItems, { id: newId() })).rejects.toThrow("has ended");
      });
    });
  });
}
