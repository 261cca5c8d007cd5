import { describe, expect, test } from "vitest";
import { Event, integer, list, object, optional, string, time, type Upcast, ValueObject } from "#sequent";
import { EventNotReadable, EventTypes, type JsonObject, newId, UnknownEventType } from "#sequent/operations";
import { storedEvent } from "../../../../src/framework/messages/event-types.ts";

class Money extends ValueObject({ cents: integer() }) {}
class OrderOpened extends Event("OrderOpened") {}
class OrderPriced extends Event("OrderPriced", { price: object(Money), at: time(), notes: list(string()) }) {}

const aggregateId = newId();
const createdAt = new Date("2026-11-20T10:00:00.000Z");
const priced = { price: new Money({ cents: 5 }), at: createdAt, notes: ["a"] };

function stored(type: string, payload: JsonObject = {}, version = 0) {
  return { aggregateId, sequenceNumber: 7, createdAt, type, version, payload };
}

describe("an event", () => {
  test("carries its values, its aggregate, its number and its time", () => {
    const event = new OrderPriced({ ...priced, aggregateId, sequenceNumber: 7, createdAt });
    expect(event).toMatchObject({ ...priced, aggregateId, sequenceNumber: 7, createdAt });
    expect(event.class).toBe(OrderPriced);
  });

  test("is made for a test by `of`, without number and time", () => {
    const event = OrderPriced.of(aggregateId, priced);
    expect(event).toBeInstanceOf(OrderPriced);
    expect(event).toMatchObject({ ...priced, aggregateId, sequenceNumber: 0 });
    expect(OrderOpened.of(aggregateId)).toMatchObject({ aggregateId });
  });

  test("does not change", () => {
    const event = OrderPriced.of(aggregateId, priced);
    expect(() => Object.assign(event, { at: new Date() })).toThrow(TypeError);
    expect(() => Object.assign(event, { other: 1 })).toThrow(TypeError);
  });

  test("comes back from the store unchanged", () => {
    const event = new OrderPriced({ ...priced, aggregateId, sequenceNumber: 7, createdAt });
    const { payload, ...rest } = storedEvent(event);
    const found = new EventTypes([{ OrderOpened, OrderPriced }]).load({
      ...rest,
      payload: JSON.parse(JSON.stringify(payload)),
    });
    expect(found).toStrictEqual(event);
    expect(found).toBeInstanceOf(OrderPriced);
  });

  test("is refused if a value would not come back, and the error names the value", () => {
    const event = OrderPriced.of(aggregateId, { ...priced, price: new Money({ cents: 0.5 }) });
    expect(() => storedEvent(event)).toThrow(
      "OrderPriced: Cannot be stored: price: cents: not a whole number.",
    );
  });

  test("cannot have an attribute that every object has", () => {
    expect(() => Event("Bad", { constructor: string() } as Record<never, never>)).toThrow(/"constructor"/);
  });
});

describe("an event of an earlier version", () => {
  const applied: string[] = [];
  const step =
    (name: string): Upcast =>
    ({ path, ...json }) => {
      applied.push(name);
      return { ...json, path: `${path}${name}` };
    };

  class Walked extends Event("Walked", { path: string(), by: optional(string()) }) {
    static override readonly upcasts: Upcast[] = [step("a"), step("b"), step("c")];
  }

  const types = new EventTypes([{ Walked }]);

  test.each([
    [0, "abc"],
    [1, "bc"],
    [2, "c"],
    [3, ""],
  ])("stored as version %i goes through the later upcasts, each once and in order", (version, path) => {
    applied.length = 0;
    const event = types.load(stored("Walked", { path: "" }, version));
    expect(event).toMatchObject({ path, aggregateId, sequenceNumber: 7 });
    expect(applied.join("")).toBe(path);
  });

  test("is stored with the number of upcasts that its class has", () => {
    expect(storedEvent(Walked.of(aggregateId, { path: "" })).version).toBe(3);
    expect(storedEvent(OrderOpened.of(aggregateId)).version).toBe(0);
  });

  test("does not change what was stored", () => {
    const old = stored("Walked", Object.freeze({ path: "x" }));
    expect(types.load(old)).toMatchObject({ path: "xabc" });
    expect(old.payload).toEqual({ path: "x" });
  });

  test("a renamed attribute and one that became optional", () => {
    class Renamed extends Event("Renamed", { title: string(), note: optional(string()) }) {
      static override readonly upcasts: Upcast[] = [
        ({ name, ...json }) => ({ ...json, title: name ?? "" }),
        ({ title, ...json }) => ({ ...json, title: title ?? "untitled" }),
      ];
    }
    const event = new EventTypes([{ Renamed }]).load(stored("Renamed", { name: "Hello" }));
    expect(event).toMatchObject({ title: "Hello" });
    expect(event).not.toHaveProperty("name");
    expect(event).not.toHaveProperty("note");
  });
});

describe("an event that cannot be loaded", () => {
  const types = new EventTypes([{ OrderOpened, OrderPriced }]);

  test("a type without a class", () => {
    const load = () => types.load(stored("OrderLost"));
    expect(load).toThrow(UnknownEventType);
    expect(load).toThrow('A renamed class must keep its stored name: Event("OrderLost", …)');
  });

  test.each(["constructor", "__proto__", "toString"])("a type named %s", (type) => {
    expect(() => types.load(stored(type))).toThrow(UnknownEventType);
  });

  test("a payload that does not fit, with the event and the attribute", () => {
    const event = stored("OrderPriced", { price: { cents: "5" }, at: "2026-11-20T10:00Z", notes: [] });
    expect(() => types.load(event)).toThrow(EventNotReadable);
    expect(() => types.load(event)).toThrow(
      `OrderPriced (version 0) of ${aggregateId}, number 7: price: cents: expected a whole number, found "5".`,
    );
  });

  test("an upcast that fails, with its cause", () => {
    const cause = new RangeError("a mistake");
    class Broken extends Event("Broken") {
      static override readonly upcasts: Upcast[] = [
        () => {
          throw cause;
        },
      ];
    }
    const old = stored("Broken");
    expect(() => new EventTypes([{ Broken }]).load(old)).toThrow(
      expect.objectContaining({ name: "Error", cause, event: old }),
    );
  });

  test("an event that a later version of the program stored", () => {
    expect(() => types.load(stored("OrderOpened", {}, 1))).toThrow(EventNotReadable);
  });

  test("two classes saved under one name are refused at the start", () => {
    class Again extends Event("OrderOpened") {}
    expect(() => new EventTypes([{ OrderOpened }, { Again }])).toThrow(
      'Two event classes are saved as "OrderOpened": OrderOpened and Again. Give one of them another name in its events.ts.',
    );
    expect(() => new EventTypes([{ OrderOpened }, { Alias: OrderOpened }])).not.toThrow();
  });

  test("value objects and helpers next to the events are ignored", () => {
    const beside = { Money: class extends ValueObject({ cents: integer() }) {}, vat: () => 21, most: 3 };
    expect(new EventTypes([{ OrderOpened, ...beside }]).classes).toEqual([OrderOpened]);
  });
});
