import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  AggregateRoot,
  Command,
  CommandHandler,
  CommandNotValid,
  CreationCommand,
  Event,
  erased,
  list,
  minLength,
  on,
  optional,
  sealSecret,
  secret,
  string,
  ValueObject,
  verifySecret,
} from "#sequent";
import {
  CommandService,
  describeError,
  domainOf,
  InMemoryEventStore,
  newId,
  type StoredCommand,
} from "#sequent/operations";
import { erasePersonal } from "../../../../src/framework/attributes/personal.ts";

class Join extends CreationCommand("Join", { name: string(), password: secret(minLength(12)) }) {}
class ChangePassword extends Command("ChangePassword", { password: secret(), hint: optional(secret()) }) {}
class Joined extends Event("Joined", { name: string(), password: secret() }) {}
class PasswordChanged extends Event("PasswordChanged", { password: secret() }) {}
class Member extends AggregateRoot("Member", { password: secret() }) {
  static join(command: Join): Member {
    const member = new Member(command.aggregateId);
    member.apply(Joined, command);
    return member;
  }
  change({ password }: ChangePassword): void {
    this.apply(PasswordChanged, { password });
  }
  readonly handlers = [
    on(Joined, ({ password }) => ({ password })),
    on(PasswordChanged, ({ password }) => ({ password })),
  ];
}
class MemberCommandHandler extends CommandHandler {
  readonly handlers = [
    on(Join, (command) => this.repository.addAggregate(Member.join(command))),
    on(ChangePassword, (command) =>
      this.doWithAggregate(command, Member, (member) => member.change(command)),
    ),
  ];
}

const parts = domainOf([
  {
    ...{ aggregate: Member, commandHandler: MemberCommandHandler },
    ...{ commands: { Join, ChangePassword }, events: { Joined, PasswordChanged } },
  },
]);

const plain = "correct horse battery";
const join = (values: object = {}) => new Join({ name: "Ann", password: plain, ...values });

function open() {
  const eventStore = new InMemoryEventStore(parts.eventTypes);
  const commandService = new CommandService({ ...parts, eventStore });
  const stored = async (commandId: string) =>
    (await eventStore.findCommands([commandId]))[0] as StoredCommand;
  return { eventStore, commandService, stored };
}

/** Everything that could show a value by accident. */
function shown(value: unknown): string {
  return [
    inspect(value, { depth: 9, showHidden: true, getters: true }),
    JSON.stringify(value),
    `${value}`,
    value instanceof Error ? JSON.stringify(describeError(value)) + value.stack : "",
  ].join("\n");
}

describe("a secret", () => {
  test("is stored sealed in the command, in its events and in the state of the aggregate", async () => {
    const { commandService, eventStore, stored } = open();
    const command = join();
    await commandService.executeCommands(command);
    const { payload } = await stored(command.commandId);
    const [stream] = await eventStore.load([command.aggregateId]);
    const [event] = stream?.events ?? [];
    expect(event).toMatchObject({ password: payload["password"] });
    for (const each of [payload, event, command]) expect(shown(each)).not.toContain(plain);
    expect(payload["password"]).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await verifySecret(payload["password"], plain)).toBe(true);
    expect(await verifySecret(payload["password"], `${plain}.`)).toBe(false);
  });

  test("is checked as it was typed, and is not sent back", async () => {
    const typed = { name: "Ann", password: "tiny", "password[]": "tiny" };
    const error: CommandNotValid = await Join.fromParams(typed).catch((error) => error);
    expect(error).toBeInstanceOf(CommandNotValid);
    expect(error.errors).toEqual({ password: ["is too short (at least 12 characters)"] });
    expect(error.params).toEqual({ name: "Ann" });
    expect(shown(error)).not.toContain("tiny");
    const made: CommandNotValid = await open()
      .commandService.executeCommands(join({ password: "short one" }))
      .catch((error) => error);
    expect(made.errors).toEqual(error.errors);
    expect(shown(made) + shown(made.params)).not.toContain("short one");
  });

  test.each([
    [undefined, "can't be blank"],
    ["  ", "can't be blank"],
    [["a", "b"], "was sent more than once"],
    [{}, "is not a text"],
    [`x${"\uD800"}`, "contains characters that cannot be stored"],
    ["x\0", "contains characters that cannot be stored"],
    ["x".repeat(1_025), "is too long (at most 1024 characters)"],
  ])("is not %j", async (password, message) => {
    await expect(ChangePassword.fromParams({ password }, { aggregateId: newId() })).rejects.toMatchObject({
      errors: { password: [message] },
    });
  });

  test("cannot be a sealed text that somebody has stolen", async () => {
    const password = await sealSecret(plain);
    const errors = { password: ["is sealed already"] };
    await expect(Join.fromParams({ name: "Ann", password })).rejects.toMatchObject({ errors });
    await expect(open().commandService.executeCommands(join({ password }))).rejects.toMatchObject({ errors });
  });

  test("may be left out if it is optional", async () => {
    const command = await ChangePassword.fromParams({ password: plain, hint: " " }, { aggregateId: newId() });
    expect(command.hint).toBeUndefined();
    expect(Object.keys(command.toJson())).toEqual(["password"]);
  });

  test("of a command made by new is neither shown nor stored until the command is admitted", () => {
    const command = join();
    expect(shown(command)).not.toContain(plain);
    expect(shown(command)).toContain("[secret]");
    const failure = catching(() => command.toJson());
    expect(failure.message).toContain("password: a secret that is not sealed");
    expect(shown(failure)).not.toContain(plain);
  });

  test("is not shown to filters and middleware", async () => {
    const seen: string[] = [];
    const eventStore = new InMemoryEventStore(parts.eventTypes);
    const service = new CommandService({
      ...{ ...parts, eventStore },
      filters: [(command) => void seen.push(shown(command))],
      middleware: [
        async (command, next) => {
          seen.push(shown(command));
          await next();
        },
      ],
    });
    await service.executeCommands(join());
    expect(seen).toHaveLength(2);
    for (const each of seen) expect(each).not.toContain(plain);
  });

  test("has the same seal if a command is sent twice, and another one in every other command and attribute", async () => {
    const { commandService, stored } = open();
    const command = join();
    const again = { commandId: command.commandId };
    const results = await commandService.executeCommands(command);
    expect(await commandService.executeCommands(join(again))).toEqual(results);
    expect(
      await commandService.executeCommands(await Join.fromParams({ name: "Ann", password: plain }, again)),
    ).toEqual(results);
    await expect(commandService.executeCommands(join({ ...again, password: `${plain}.` }))).rejects.toThrow(
      "was used before",
    );
    const change = new ChangePassword({ aggregateId: command.aggregateId, password: plain, hint: plain });
    await commandService.executeCommands(change);
    const { password, hint } = (await stored(change.commandId)).payload;
    expect(new Set([password, hint, (await stored(command.commandId)).payload["password"]]).size).toBe(3);
  });

  test("in an event is sealed, or refused without showing it", async () => {
    const event = Joined.of(newId(), { name: "Ann", password: plain });
    const failure = catching(() => event.toJson());
    expect(failure.message).toContain("password: a secret that is not sealed");
    expect(failure.message + JSON.stringify(describeError(failure))).not.toContain(plain);
    expect(inspect(failure)).not.toContain(plain);
    expect(Joined.of(newId(), { name: "Ann", password: await sealSecret(plain) }).toJson()["name"]).toBe(
      "Ann",
    );
    const stored = {
      aggregateId: newId(),
      sequenceNumber: 1,
      createdAt: new Date(),
      type: "Joined",
      version: 0,
    };
    const reading = catching(() =>
      parts.eventTypes.load({ ...stored, payload: { name: "Ann", password: plain } }),
    );
    expect(reading.message).not.toContain(plain);
  });

  test("is erased with the person", async () => {
    const password = await sealSecret(plain);
    const { json, values } = erasePersonal(Joined.attributes, { name: "Ann", password });
    expect(json).toEqual({ name: "Ann", password: erased });
    expect(values).toEqual([password]);
    expect(Joined.of(newId(), { name: "Ann", password: erased }).toJson()).toEqual(json);
    expect(await verifySecret(erased, plain)).toBe(false);
    expect(await verifySecret(erased, erased)).toBe(false);
  });

  test("can only stand in a place where it can be sealed", () => {
    expect(() => list(secret())).toThrow("A secret() cannot be in a list.");
    expect(() => list(optional(secret()))).toThrow("A secret() cannot be in a list.");
    expect(() => ValueObject({ pin: secret() })).toThrow("A secret() cannot be in a value object.");
  });
});

describe("verifySecret", () => {
  test("is the same, however its letters are encoded", async () => {
    expect(await verifySecret(await sealSecret("Zoe\u0308"), "Zo\u00EB")).toBe(true);
  });

  test("accepts secrets that were sealed at another cost", async () => {
    // scrypt("correct horse battery", "saltsaltsalt", 32, { N: 16, r: 8, p: 1 })
    const cheap = "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0$J3autHtDXA43QUh5HL+i3gVSJIVuH08AhjOL7vPl4bU";
    expect(await verifySecret(cheap, plain)).toBe(true);
  });

  test("is false for every strange value", async () => {
    const sealed = await sealSecret(plain);
    const odd = [
      ...[
        undefined,
        null,
        7,
        {},
        "",
        plain,
        erased,
        `${sealed}x`,
        sealed.slice(1),
        sealed.slice(0, -1),
        `${sealed}\n`,
      ],
      ...[sealed.replace("ln=14", "ln=31"), sealed.replace("ln=14", "ln=0"), sealed.replace("p=5", "p=99")],
      ...[sealed.replace("r=8", "r=99"), sealed.replace("scrypt", "argon2")],
    ];
    for (const each of await Promise.all(odd.map((each) => verifySecret(each, plain))))
      expect(each).toBe(false);
    for (const typed of [undefined, null, 7, {}, [plain], "", "\uD800", `${plain}\0`, "x".repeat(10_000_000)])
      expect(await verifySecret(sealed, typed)).toBe(false);
  });

  test("takes as long if there is no sealed text", async () => {
    const costOf = async (sealed: unknown) => {
      const started = performance.now();
      await verifySecret(sealed, plain);
      return performance.now() - started;
    };
    const sealed = await sealSecret(plain);
    expect(await costOf(undefined)).toBeGreaterThan((await costOf(sealed)) / 4);
  });

  test("reads no more characters than a password may have", async () => {
    const sealed = await sealSecret(plain);
    const started = performance.now();
    await verifySecret(sealed, "e\u0301".repeat(5_000_000));
    expect(performance.now() - started).toBeLessThan(50);
  });

  test("does not block other work", async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 5);
    await sealSecret(plain);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});

function catching(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
