import { describe, expect, test } from "vitest";
import {
  Command,
  CreationCommand,
  decimal,
  Event,
  erased,
  list,
  object,
  optional,
  personal,
  string,
  type Upcast,
  ValueObject,
} from "#sequent";
import { EventTypes, emptyUnit, newId, PersonalErasure, PostgresEventStore } from "#sequent/operations";
import { erasePersonal } from "../../../../src/framework/attributes/personal.ts";
import { useShop } from "../../../support/shop.ts";

class Address extends ValueObject({ street: personal(string()), country: string() }) {}

const attributes = {
  name: personal(string()),
  taxNumber: personal(optional(decimal())),
  nickname: optional(personal(string())),
  addresses: list(object(Address)),
  friends: list(personal(string())),
  plan: string(),
};

describe("a personal value", () => {
  test("is erased wherever it was declared, and other values are not", () => {
    const json = {
      name: "Ben",
      nickname: "B",
      taxNumber: "12.5",
      addresses: [{ street: "Elm Street", country: "NL" }],
      friends: ["Ann", "Cy"],
      plan: "Ben",
      undeclared: "Ben",
    };
    const { json: after, values } = erasePersonal(attributes, json);
    expect(after).toEqual({
      name: erased,
      nickname: erased,
      taxNumber: erased,
      addresses: [{ street: erased, country: "NL" }],
      friends: [erased, erased],
      plan: "Ben",
      undeclared: "Ben",
    });
    expect(values).toEqual(["Ben", "B", "12.5", "Elm Street", "Ann", "Cy"]);
    expect(erasePersonal(attributes, after)).toEqual({ json: after, values: [] });
  });

  test("can be read and stored again after it is erased, whatever its type", () => {
    class Signed extends Event("Signed", { name: personal(string()), number: personal(decimal()) }) {}
    const types = new EventTypes([{ Signed }]);
    const stored = {
      aggregateId: newId(),
      sequenceNumber: 1,
      type: "Signed",
      version: 0,
      createdAt: new Date(),
    };
    const payload = { name: erased, number: erased };
    const event = types.load({ ...stored, payload });
    expect(event).toMatchObject(payload);
    expect(event.toJson()).toEqual(payload);
  });

  test("is not shown by the error that says it cannot be read", () => {
    class Signed extends Event("Signed", { number: personal(decimal()) }) {}
    const stored = {
      aggregateId: newId(),
      sequenceNumber: 1,
      type: "Signed",
      version: 0,
      createdAt: new Date(),
    };
    const load = () => new EventTypes([{ Signed }]).load({ ...stored, payload: { number: "Ben" } });
    expect(load).toThrow(/^Signed .* number: the stored value does not fit the declaration/);
    expect(load).not.toThrow(/Ben/);
  });

  test("keeps its rules and its parsing", async () => {
    class Sign extends CreationCommand("Sign", {
      name: personal(string((chain) => chain.isLength({ max: 3 }))),
    }) {}
    await expect(Sign.fromParams({ name: " Ben " })).resolves.toMatchObject({ name: "Ben" });
    await expect(Sign.fromParams({ name: "Benny" })).rejects.toMatchObject({ commandType: "Sign" });
  });
});

describe("an event of an earlier version", () => {
  const context = useShop();
  class Sign extends CreationCommand("Sign") {}
  class Erase extends Command("Erase") {}
  class SignedThen extends Event("Signed", { who: string(), note: string() }) {}
  class Signed extends Event("Signed", { name: personal(string()), on: string() }) {
    static override readonly upcasts: Upcast[] = [({ who }) => ({ name: who ?? "", on: "paper" })];
  }
  class Left extends Event("Left") {}

  test("is stored after its upcasts, so values that they moved or removed are erased, too", async () => {
    const aggregateId = newId();
    const before = new PostgresEventStore(context.database.write, new EventTypes([{ SignedThen, Left }]));
    const event = new SignedThen({
      ...{ aggregateId, sequenceNumber: 1, createdAt: new Date() },
      ...{ who: "Zelda Quill", note: "by Zelda Quill" },
    });
    await before.store(async () => ({
      ...emptyUnit,
      commands: [{ command: new Sign({ aggregateId }), cause: undefined, events: [event] }],
      newAggregates: [{ aggregateId, aggregateType: "Contract" }],
    }));

    const eventTypes = new EventTypes([{ Signed, Left }]);
    const erasure = new PersonalErasure({
      knex: context.database.patient,
      commandService: { executeCommands: async () => [] },
      eventTypes,
      commandClasses: [Sign],
    });
    expect(await erasure.erase(new Erase({ aggregateId }))).toMatchObject({
      events: 1,
      search: { found: 0 },
    });
    const [stream] = await new PostgresEventStore(context.database.write, eventTypes).load([aggregateId]);
    expect(stream?.events).toMatchObject([{ name: erased, on: "paper" }]);
    const { rows } = await context.database.read.raw(
      "select event_version, payload from sequent_schema.events",
    );
    expect(rows).toEqual([{ event_version: 1, payload: { name: erased, on: "paper" } }]);
  });
});
