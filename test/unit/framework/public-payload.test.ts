import { describe, expect, test } from "vitest";
import {
  Event,
  list,
  object,
  optional,
  personal,
  sealSecret,
  secret,
  string,
  type Upcast,
  ValueObject,
} from "#sequent";
import { EventTypes, isLater, publicPayload, UnknownEventType } from "#sequent/operations";

class Line extends ValueObject({ product: string(), giftFor: personal(string()) }) {}
class Sold extends Event("Sold", {
  buyer: personal(string()),
  note: optional(string()),
  code: optional(secret()),
  lines: list(object(Line)),
  names: list(personal(string())),
}) {
  static override readonly upcasts: Upcast[] = [
    ({ customer = "", ...json }) => ({ ...json, buyer: customer }),
  ];
}

const eventTypes = new EventTypes([{ Sold }]);
const stored = {
  ...{ aggregateId: "a", sequenceNumber: 1, createdAt: new Date(0), type: "Sold", version: 1 },
  payload: {
    buyer: "Ben",
    note: "Ring",
    lines: [{ product: "Tea", giftFor: "Ann" }],
    names: ["Cem"],
    forgotten: "of an earlier version",
  },
};

describe("a payload for other programs", () => {
  test("has nothing personal, at any depth, and nothing that is not declared", () => {
    expect(publicPayload(stored, eventTypes, { withPersonal: false })).toEqual({
      version: 1,
      payload: { note: "Ring", lines: [{ product: "Tea" }], names: [] },
    });
  });

  test("is in the present version, because only that one says what is personal", () => {
    const { buyer: customer, ...rest } = stored.payload;
    const older = { ...stored, version: 0, payload: { customer, ...rest } };
    expect(publicPayload(older, eventTypes, { withPersonal: false }).payload).not.toHaveProperty("customer");
    expect(publicPayload(older, eventTypes, { withPersonal: true })).toMatchObject({
      version: 1,
      payload: { buyer: "Ben" },
    });
  });

  test("has no secret, even where personal values are wanted", async () => {
    const payload = { ...stored.payload, code: await sealSecret("hunter2") };
    expect(publicPayload({ ...stored, payload }, eventTypes, { withPersonal: true }).payload["code"]).toBe(
      "[secret]",
    );
  });

  test("of an unknown class is refused, unless personal values are wanted", () => {
    const unknown = { ...stored, type: "Bought" };
    expect(() => publicPayload(unknown, eventTypes, { withPersonal: false })).toThrow(UnknownEventType);
    expect(publicPayload(unknown, eventTypes, { withPersonal: true })).toEqual({
      version: 1,
      payload: stored.payload,
    });
  });
});

test.each([
  ["1:10:9", "1:9:10", true],
  ["2:1:1", "1:9:9", true],
  ["1:5:3", "1:5:3", false],
  ["1:5:2", "1:5:11", false],
])("position %s is later than %s: %s", (one, other, later) => {
  expect(isLater(one, other)).toBe(later);
});
