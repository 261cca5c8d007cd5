import { describe, expect, test } from "vitest";
import {
  atLeast,
  Command,
  CommandNotValid,
  CreationCommand,
  email,
  integer,
  list,
  matches,
  maxBytes,
  maxLength,
  minLength,
  notBlank,
  object,
  optional,
  type Rule,
  string,
  text,
  time,
  ValueObject,
  visible,
} from "#sequent";
import { newId } from "#sequent/operations";
import { checkCommand } from "../../../../src/framework/messages/check-command.ts";
import { cpuTime } from "../../../support/cpu.ts";

class Line extends ValueObject({ name: string(notBlank), n: integer(atLeast(1)) }) {}
class Address extends ValueObject({ street: string(notBlank), city: optional(string(maxLength(5))) }) {}

class PlaceOrder extends CreationCommand("PlaceOrder", {
  customer: string(notBlank, maxLength(10)),
  address: optional(object(Address)),
  lines: optional(list(object(Line))),
  tags: list(string(notBlank)),
}) {}

async function refusal(attempt: Promise<unknown>): Promise<CommandNotValid> {
  const error = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof CommandNotValid) return error;
  throw new TypeError(`Expected CommandNotValid, got ${error}`);
}

async function errorsOf(attempt: Promise<unknown>) {
  return { ...(await refusal(attempt)).errors };
}

/** A command with one string and the rules given. */
function judging(...rules: Rule[]) {
  return class Judged extends CreationCommand("Judged", {
    value: string(...rules),
    other: optional(string()),
  }) {};
}

describe("fromParams", () => {
  test("keeps the declared fields, parsed, and drops the rest", async () => {
    const command = await PlaceOrder.fromParams({ customer: " Ben ", tags: ["a", "b"], admin: "true" });
    expect(command).toBeInstanceOf(PlaceOrder);
    expect(command).toMatchObject({ customer: "Ben", tags: ["a", "b"] });
    expect(command).not.toHaveProperty("admin");
    expect(command.toJson()).toEqual({ customer: "Ben", tags: ["a", "b"] });
  });

  test.each<[string, Record<string, unknown>]>([
    ["dots", { "address.street": "Kade", "address.city": "Ede", "lines[0].name": "x", "lines[0].n": "2" }],
    [
      "brackets",
      { "address[street]": "Kade", "address[city]": "Ede", "lines[0][name]": "x", "lines[0][n]": "2" },
    ],
    ["dots only", { "address.street": "Kade", "address.city": "Ede", "lines.0.name": "x", "lines.0.n": "2" }],
    ["JSON", { address: { street: "Kade", city: "Ede", admin: 1 }, lines: [{ name: "x", n: 2 }] }],
  ])("takes nested fields named with %s", async (_, fields) => {
    const command = await PlaceOrder.fromParams({ customer: "Ben", tags: "a", ...fields });
    expect(command.address).toStrictEqual(new Address({ street: "Kade", city: "Ede" }));
    expect(command.lines).toStrictEqual([new Line({ name: "x", n: 2 })]);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ["tags", { tags: ["a", "b"] }, ["a", "b"]],
    ["tags, once", { tags: "a" }, ["a"]],
    ["tags[]", { "tags[]": ["a", "b"] }, ["a", "b"]],
    ["tags[], once", { "tags[]": "a" }, ["a"]],
    ["tags[0]", { "tags[1]": "b", "tags[0]": "a" }, ["a", "b"]],
    ["tags by numbers, not by letters", { "tags[10]": "c", "tags[9]": "b", "tags[0]": "a" }, ["a", "b", "c"]],
    ["no tags", {}, []],
    ["indices that are none", { "tags[-1]": "a", "tags[1e3]": "b", "tags[x]": "c", "tags[99999]": "d" }, []],
  ])("takes a list named %s", async (_, fields, tags) => {
    expect((await PlaceOrder.fromParams({ customer: "Ben", ...fields })).tags).toEqual(tags);
  });

  test("reports all errors at once, each at the path of its field", async () => {
    const attempt = PlaceOrder.fromParams({
      customer: "a name too long",
      "address.city": "too long",
      "lines[0].name": " ",
      "lines[0].n": "many",
      "lines[1].name": "pen",
      "lines[1].n": "0",
      tags: ["a", " ", "b"],
    });
    expect(await errorsOf(attempt)).toEqual({
      customer: ["is too long (at most 10 characters)"],
      "address.street": ["can't be blank"],
      "address.city": ["is too long (at most 5 characters)"],
      "lines[0].name": ["can't be blank"],
      "lines[0].n": ["is not a whole number"],
      "lines[1].n": ["must be at least 1"],
      "tags[1]": ["can't be blank"],
    });
  });

  test("names errors in a list by the row numbers of the form, even if rows were left out", async () => {
    const attempt = PlaceOrder.fromParams({
      customer: "Ben",
      "address.street": "Kade",
      "address.city": "Ede",
      ...{ "lines[0].name": "pen", "lines[0].n": "1", "lines[1].name": "ink", "lines[1].n": "1" },
      ...{ "lines[3].name": "pad", "lines[3].n": "many", "lines[7].name": " ", "lines[7].n": "0" },
      ...{ "tags[2]": "a", "tags[5]": " " },
    });
    expect(await errorsOf(attempt)).toEqual({
      "lines[3].n": ["is not a whole number"],
      "lines[7].name": ["can't be blank"],
      "lines[7].n": ["must be at least 1"],
      "tags[5]": ["can't be blank"],
    });
  });

  test("closes the gaps between the rows of a list", async () => {
    const fields = { "lines[2].name": "pen", "lines[2].n": "1", "lines[9].name": "ink", "lines[9].n": "2" };
    const command = await PlaceOrder.fromParams({ customer: "Ben", ...fields });
    expect(command.lines).toStrictEqual([new Line({ name: "pen", n: 1 }), new Line({ name: "ink", n: 2 })]);
  });

  test("reports all errors of one field", async () => {
    const attempt = judging(minLength(3), matches(/^[a-z]/, "starts with no letter")).fromParams({
      value: "1",
    });
    expect(await errorsOf(attempt)).toEqual({
      value: ["is too short (at least 3 characters)", "starts with no letter"],
    });
  });

  test("reports what was wrong and keeps what was typed", async () => {
    const typed = { customer: " ", tags: ["a", ""], password: "x" };
    const error = await refusal(PlaceOrder.fromParams(typed));
    expect(error.commandType).toBe("PlaceOrder");
    expect(error.params).toBe(typed);
    expect(error.message).toBe("PlaceOrder is not valid: customer can't be blank; tags[1] can't be blank.");
  });

  test("takes the envelope from `known` and never from the params", async () => {
    const known = { aggregateId: newId(), commandId: newId(), userId: "ben", seenVersion: 3 };
    const forged = {
      aggregateId: newId(),
      commandId: newId(),
      userId: "root",
      seenVersion: "9",
      createdAt: "2000-01-01",
    };
    const params = { ...forged, customer: "Ben" };
    expect(await PlaceOrder.fromParams(params, known)).toMatchObject(known);

    const unknown = await PlaceOrder.fromParams(params);
    expect(unknown.aggregateId).not.toBe(forged.aggregateId);
    expect(unknown.commandId).not.toBe(forged.commandId);
    expect(unknown.userId).toBeUndefined();
    expect(unknown.seenVersion).toBeUndefined();
    expect(unknown.createdAt.getTime()).toBeGreaterThan(Date.now() - 10_000);
  });

  test("prefers known values to typed ones", async () => {
    const command = await PlaceOrder.fromParams({ customer: "Eve", "tags[]": "a" }, { customer: "Ben" });
    expect(command).toMatchObject({ customer: "Ben", tags: ["a"] });
  });

  test("refuses an invalid envelope", async () => {
    const known = { aggregateId: "1", commandId: "x", seenVersion: Number.NaN };
    expect(await errorsOf(PlaceOrder.fromParams({ customer: "Ben" }, known))).toEqual({
      aggregateId: ["is not an id"],
      commandId: ["is not an id"],
      seenVersion: ["is not a whole number"],
    });
  });

  test.each([undefined, null, "text", 5, [], () => 1])(
    "takes %s for a form without fields",
    async (params) => {
      expect(await errorsOf(PlaceOrder.fromParams(params))).toEqual({ customer: ["can't be blank"] });
    },
  );
});

describe("rules", () => {
  test.each<[string, Rule, string, string | undefined]>([
    ["notBlank", notBlank, "a", undefined],
    ["notBlank", notBlank, " \u00a0 ", "can't be blank"],
    ["maxLength", maxLength(2), "\u{1f600}\u{1f600}", undefined],
    ["maxLength", maxLength(2), "abc", "is too long (at most 2 characters)"],
    ["minLength", minLength(2), "\u{1f600}", "is too short (at least 2 characters)"],
    ["maxBytes", maxBytes(1024), "\u00e9".repeat(512), undefined],
    ["maxBytes", maxBytes(1024), "\u00e9".repeat(513), "is too long (at most 1 KB)"],
    ["visible", visible, "Zo\u00eb", undefined],
    ["visible", visible, "Ben\u202egpj", "contains invisible characters"],
    ["of express-validator", (chain) => chain.isISBN().withMessage("is no ISBN"), "123", "is no ISBN"],
    ["without a message", (chain) => chain.isISBN(), "123", "Invalid value"],
    ["negated", (chain) => chain.not().isIn(["root"]).withMessage("is taken"), "root", "is taken"],
    [
      "that bails",
      (chain) => chain.isInt().bail().isLength({ min: 9 }).withMessage("short"),
      "a",
      "Invalid value",
    ],
    ["with a condition", (chain) => chain.if((value: string) => value > "b").isInt(), "a", undefined],
    ["for a value that is not empty", (chain) => chain.optional({ values: "falsy" }).isInt(), "", undefined],
    [
      "asynchronous",
      (chain) => chain.custom(async () => Promise.reject(new Error("is taken"))),
      "a",
      "is taken",
    ],
    ["asynchronous and fulfilled", (chain) => chain.custom(async () => true), "a", undefined],
  ])("%s: %#", async (_, rule, value, message) => {
    const attempt = judging(rule).fromParams({ value });
    if (message === undefined) expect(await attempt).toMatchObject({ value });
    else expect(await errorsOf(attempt)).toEqual({ value: [message] });
  });

  test("of a list: none of its values is blank, and an empty list is fine", async () => {
    class Tag extends CreationCommand("Tag", { tags: list(string(), notBlank) }) {}
    await expect(Tag.fromParams({ tags: ["a", " "] })).rejects.toMatchObject({
      errors: { tags: [expect.any(String)] },
    });
    await expect(Tag.fromParams({ tags: ["a", "b"] })).resolves.toMatchObject({ tags: ["a", "b"] });
    await expect(Tag.fromParams({ tags: [] })).resolves.toMatchObject({ tags: [] });
  });

  test("may look at the other fields, which are parsed", async () => {
    const after: Rule = (chain) =>
      chain
        .custom((until: Date, { req: { body } }) => !body.from || until > body.from)
        .withMessage("is before the start");
    class Plan extends CreationCommand("Plan", { from: time(), until: time(after) }) {}
    const times = { from: "2026-11-20T10:00Z", until: "2026-11-20T11:30+02:00" };
    expect(await errorsOf(Plan.fromParams(times))).toEqual({ until: ["is before the start"] });
    expect(await errorsOf(Plan.fromParams({ ...times, from: "soon" }))).toEqual({
      from: ["is not a time (ISO 8601, with a time zone)"],
    });
  });

  test("get the path of the value that they check", async () => {
    const paths: string[] = [];
    const note: Rule = (chain) => chain.custom((_, { req }) => paths.push(req["path"]));
    class Deep extends ValueObject({ names: list(string(note), note) }) {}
    class Judged extends CreationCommand("Judged", { deep: object(Deep) }) {}
    await Judged.fromParams({ "deep.names[]": ["a", "b"] });
    expect(paths).toEqual(["deep.names", "deep.names[0]", "deep.names[1]"]);
  });

  test("check a list as a whole only if all of it could be parsed", async () => {
    const sum: Rule = (chain) =>
      chain
        .custom((numbers: number[]) => numbers.reduce((one, other) => one + other, 0) < 10)
        .withMessage("is too much");
    class Add extends CreationCommand("Add", { numbers: list(integer(atLeast(1)), sum) }) {}
    expect(await errorsOf(Add.fromParams({ numbers: ["5", "5"] }))).toEqual({ numbers: ["is too much"] });
    expect(await errorsOf(Add.fromParams({ numbers: ["x", "0", "99"] }))).toEqual({
      "numbers[0]": ["is not a whole number"],
      "numbers[1]": ["must be at least 1"],
    });
  });

  test("do not mix up commands that are checked at the same time", async () => {
    let judgeA = () => {};
    const bIsJudged = new Promise<void>((resolve) => {
      judgeA = resolve;
    });
    const slow: Rule = (chain) =>
      chain.custom(async (value: string) => {
        if (value === "b") return;
        await bIsJudged;
        throw new Error("is a");
      });
    const Judged = judging(slow);
    const both = await Promise.allSettled([
      Judged.fromParams({ value: "a" }),
      Judged.fromParams({ value: "b" }).finally(judgeA),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  test("a mistake in a condition or in a message does not count as an error of the person", async () => {
    const broken: Rule = (chain) =>
      chain.isInt().withMessage(() => {
        throw new RangeError("a mistake");
      });
    await expect(judging(broken).fromParams({ value: "a" })).rejects.toThrow(RangeError);
  });
});

describe("a command made by new", () => {
  const values = { customer: "Ben", tags: [] };

  test("gets an id and the time if it has none", () => {
    const [one, other] = [new PlaceOrder(values), new PlaceOrder(values)];
    expect(one.commandId).not.toBe(other.commandId);
    expect(one.createdAt).toBeInstanceOf(Date);
  });

  test("that makes an aggregate makes the same one each time it is sent", async () => {
    const commandId = newId();
    const { aggregateId } = new PlaceOrder({ ...values, commandId });
    expect(new PlaceOrder({ ...values, commandId }).aggregateId).toBe(aggregateId);
    expect((await PlaceOrder.fromParams({ customer: "Ben" }, { commandId })).aggregateId).toBe(aggregateId);
    expect(new PlaceOrder(values).aggregateId).not.toBe(aggregateId);
  });

  test("that makes an aggregate may be given its id", () => {
    const aggregateId = newId();
    expect(new PlaceOrder({ ...values, aggregateId }).aggregateId).toBe(aggregateId);
  });

  test("that changes an aggregate is refused without the id of that aggregate", async () => {
    class CancelOrder extends Command("CancelOrder", { reason: string() }) {}
    const refusal =
      'CancelOrder needs an aggregateId: which aggregate does it change? If it makes a new one, declare it with CreationCommand("CancelOrder", …).';
    // @ts-expect-error there is no aggregateId
    expect(() => new CancelOrder({ reason: "late" })).toThrow(new TypeError(refusal));
    // @ts-expect-error there is no aggregateId
    await expect(CancelOrder.fromParams({ reason: "late" })).rejects.toThrow(new TypeError(refusal));
    // @ts-expect-error there is no aggregateId
    await expect(CancelOrder.fromParams({ reason: "late" }, {})).rejects.toThrow(new TypeError(refusal));
  });

  test("takes over a user only if it has none, even if it is checked", async () => {
    const command = await PlaceOrder.fromParams({ customer: "Ben" });
    expect(command.userId).toBeUndefined();
    command.inheritUser("program:import");
    command.inheritUser("program:another");
    expect(command.userId).toBe("program:import");
    const ofBen = new PlaceOrder({ ...values, userId: "ben" });
    ofBen.inheritUser("program:import");
    expect((await checkCommand(ofBen)).userId).toBe("ben");
  });

  test("carries metadata, which nobody can change", async () => {
    const metadata: Record<string, string | number | boolean> = { requestId: "7", attempt: 2, isTrial: true };
    const command = new PlaceOrder({ ...values, metadata });
    metadata["requestId"] = "8";
    expect(command.metadata).toEqual({ requestId: "7", attempt: 2, isTrial: true });
    expect((await checkCommand(command)).metadata).toEqual(command.metadata);
    expect(() => Object.assign(command.metadata as object, { attempt: 3 })).toThrow(TypeError);
    expect(new PlaceOrder(values).metadata).toBeUndefined();
    expect((await PlaceOrder.fromParams({ customer: "Ben", metadata: { a: 1 } })).metadata).toBeUndefined();
    expect((await PlaceOrder.fromParams({ customer: "Ben" }, { metadata: { a: 1 } })).metadata).toEqual({
      a: 1,
    });
  });

  test.each<[unknown, string]>([
    ["request 7", 'is not a record, such as { requestId: "…" }'],
    [["7"], 'is not a record, such as { requestId: "…" }'],
    [new Date(), 'is not a record, such as { requestId: "…" }'],
    [null, 'is not a record, such as { requestId: "…" }'],
    [{ user: { name: "Ben" } }, 'is not flat: "user" is not a text, a number, true or false'],
    [{ tags: ["a"] }, 'is not flat: "tags" is not a text, a number, true or false'],
    [{ attempt: Number.NaN }, 'is not flat: "attempt" is not a text, a number, true or false'],
    [{ user: undefined }, 'is not flat: "user" is not a text, a number, true or false'],
    [{ user: "a\0" }, "is a text with a NUL character"],
    [{ "\ud800": 1 }, "is a text with half of a surrogate pair"],
  ])("is refused with such metadata: %o", async (metadata, message) => {
    const wrong = { metadata: metadata as Record<string, string> };
    expect(await errorsOf(checkCommand(new PlaceOrder({ ...values, ...wrong })))).toEqual({
      metadata: [message],
    });
    expect(await errorsOf(PlaceOrder.fromParams({ customer: "Ben" }, wrong))).toEqual({
      metadata: [message],
    });
  });

  test("does not change", () => {
    const command = new PlaceOrder(values);
    expect(() => Object.assign(command, { customer: "Eve" })).toThrow(TypeError);
  });

  test("is normalised when it is checked, and stays the same command", async () => {
    const command = new PlaceOrder({
      ...values,
      customer: "  Zoe\u0308 ",
      userId: "ben",
      seenVersion: 2,
    });
    const checked = await checkCommand(command);
    expect(checked).toStrictEqual(new PlaceOrder({ ...command, customer: "Zo\u00eb", tags: [] }));
    expect(checked.commandId).toBe(command.commandId);
  });

  test.each([
    [{ userId: "a\0" }, { userId: ["is a text with a NUL character"] }],
    [{ userId: "\ud800" }, { userId: ["is a text with half of a surrogate pair"] }],
    [{ createdAt: new Date(Number.NaN) }, { createdAt: ["is not an instant of the years 1 to 9999"] }],
    [
      { seenVersion: 1.5, commandId: "1", aggregateId: newId() },
      { seenVersion: ["is not a whole number"], commandId: ["is not an id"] },
    ],
  ])("is refused if its envelope cannot be stored: %o", async (envelope, errors) => {
    const error = await refusal(checkCommand(new PlaceOrder({ ...values, ...envelope })));
    expect(error.errors).toEqual(errors);
  });

  test("is refused if it breaks the rules", async () => {
    const command = new PlaceOrder({ customer: "", tags: [""], lines: [new Line({ name: "", n: 0 })] });
    const error = await refusal(checkCommand(command));
    expect({ ...error.errors }).toEqual({
      customer: ["can't be blank"],
      "tags[0]": ["can't be blank"],
      "lines[0].name": ["can't be blank"],
      "lines[0].n": ["must be at least 1"],
    });
    expect(error.params).toBe(command);
  });

  test("is checked once", async () => {
    let times = 0;
    const Judged = judging((chain) => chain.custom(() => (times += 1)));
    const command = await Judged.fromParams({ value: "a" });
    expect(await checkCommand(command)).toBe(command);
    expect(await checkCommand(command)).toBe(command);
    expect(times).toBe(1);

    const checked = await checkCommand(new Judged({ value: "a" }));
    expect(await checkCommand(checked)).toBe(checked);
    expect(times).toBe(2);
  });

  test("counts as equal to another one of the same user with the same values and aggregate", () => {
    const aggregateId = newId();
    const payload = { customer: "Ben", tags: [] };
    const stored = { type: "PlaceOrder", aggregateId, userId: undefined, payload };
    expect(new PlaceOrder({ ...values, aggregateId }).asksTheSameAs(stored)).toBe(true);
    expect(new PlaceOrder(values).asksTheSameAs(stored)).toBe(false);
    expect(new PlaceOrder({ ...values, aggregateId: newId() }).asksTheSameAs(stored)).toBe(false);
    expect(new PlaceOrder({ ...values, aggregateId, customer: "Eve" }).asksTheSameAs(stored)).toBe(false);
    expect(new PlaceOrder({ ...values, aggregateId }).asksTheSameAs({ ...stored, type: "X" })).toBe(false);
    const ofBen = new PlaceOrder({ ...values, aggregateId, userId: "ben" });
    expect(ofBen.asksTheSameAs({ ...stored, userId: "ben" })).toBe(true);
    expect(ofBen.asksTheSameAs({ ...stored, userId: "eve" })).toBe(false);
    expect(ofBen.asksTheSameAs(stored)).toBe(false);
    expect(new PlaceOrder({ ...values, aggregateId }).asksTheSameAs({ ...stored, userId: "ben" })).toBe(
      false,
    );
  });
});

describe("hostile forms", () => {
  test.each(["__proto__", "constructor", "hasOwnProperty", "toString"])(
    "%s is a name like any other",
    async (name) => {
      const fields =
        JSON.parse(`{ "${name}": { "polluted": 1 }, "${name}[polluted]": "1", "address[${name}]": "1",
      "address[${name}][polluted]": "1", "lines[${name}]": "1", "${name}.polluted": "1" }`);
      const command = await PlaceOrder.fromParams({
        ...fields,
        [name]: { polluted: 1 },
        customer: "Ben",
      }).catch((error: CommandNotValid) => error);
      expect(Object.keys(command)).not.toContain(name);
      expect({}).not.toHaveProperty("polluted");
      expect(Object.prototype).not.toHaveProperty("polluted");
    },
  );

  test("an inherited field counts as no field", async () => {
    const params = Object.create({ customer: "Ben" }) as object;
    expect(await errorsOf(PlaceOrder.fromParams(params))).toEqual({ customer: ["can't be blank"] });
  });

  test("objects, lists and depths instead of texts are errors of their fields", async () => {
    let deep: unknown = "x";
    for (let level = 0; level < 50_000; level += 1) deep = level % 2 ? [deep] : { street: deep };
    expect(
      await errorsOf(PlaceOrder.fromParams({ customer: deep, address: deep, tags: deep, lines: deep })),
    ).toEqual({
      customer: ["was sent more than once"],
      "address.street": ["can't be blank"],
      "tags[0]": ["is not a text"],
      "lines[0].name": ["can't be blank"],
      "lines[0].n": ["can't be blank"],
    });
  });

  test.each<[string, () => Record<string, unknown>]>([
    ["a key of 100 kB", () => ({ ["a".repeat(100_000)]: "1" })],
    [
      "a key of opening brackets",
      () => ({ ["[".repeat(100_000)]: "1", [`lines${"[".repeat(100_000)}`]: "1" }),
    ],
    [
      "a key of brackets",
      () => ({ [`lines${"[0]".repeat(33_000)}`]: "1", [`lines${"[]".repeat(50_000)}`]: "1" }),
    ],
    ["a key of dots", () => ({ [`lines${".0".repeat(50_000)}`]: "1", [".".repeat(100_000)]: "1" })],
    [
      "long values",
      () => ({ customer: " ".repeat(100_000), email: `${"@".repeat(50_000)}a`, tags: "a".repeat(1e5) }),
    ],
    ["accents without end", () => ({ customer: `a${"\u0301\u0323".repeat(50_000)}` })],
    ["10,000 lines", () => fieldsOf(10_000)],
  ])("%s cost little time", async (_, fields) => {
    class Everything extends CreationCommand("Everything", {
      customer: string(notBlank, maxLength(10)),
      lines: list(object(Line)),
      tags: list(text()),
      email: optional(email()),
    }) {}
    const started = cpuTime();
    await Everything.fromParams(fields()).catch((error: unknown) =>
      expect(error).toBeInstanceOf(CommandNotValid),
    );
    expect(cpuTime() - started).toBeLessThan(4_000);
  });

  function fieldsOf(lines: number): Record<string, unknown> {
    const indices = Array.from({ length: lines }, (_, index) => index);
    return Object.fromEntries(
      indices.flatMap((index) => [
        [`lines[${index}].name`, "pen"],
        [`lines[${index}].n`, ""],
      ]),
    );
  }
});
