import { describe, expect, test } from "vitest";
import {
  AggregateRoot,
  CommandHandler,
  CreationCommand,
  column,
  Event,
  increment,
  nullable,
  on,
  Projector,
  personal,
  string,
  table,
} from "#sequent";
import {
  CommandService,
  domainOf,
  type EventStore,
  errorText,
  InMemoryEventStore,
  PostgresEventStore,
  type ProjectorClass,
  ProjectorFailed,
  Replay,
  ValueDoesNotFit,
} from "#sequent/operations";
import { useProgram } from "../../../support/database.ts";

const typed = { kind: string(), value: personal(string()) };

class MakeThing extends CreationCommand("MakeThing", typed) {}
class ThingMade extends Event("ThingMade", typed) {}
class Thing extends AggregateRoot("Thing") {
  static make(command: MakeThing): Thing {
    const thing = new Thing(command.aggregateId);
    thing.apply(ThingMade, command);
    return thing;
  }
  readonly handlers = [];
}
class ThingCommandHandler extends CommandHandler {
  readonly handlers = [on(MakeThing, (command) => this.repository.addAggregate(Thing.make(command)))];
}

const things = table("things", {
  columns: {
    id: column.uuid,
    name: column.text,
    total: column.integer,
    views: nullable(column.bigint),
    price: nullable(column.decimal),
    owner: nullable(column.uuid),
    day: nullable(column.date),
    at: nullable(column.time),
    done: nullable(column.boolean),
    settings: nullable(column.json<{ theme: string }>()),
    tags: nullable(column.list(column.text)),
    sizes: nullable(column.list(column.integer)),
  },
  primaryKey: ["id"],
});

/** Writes the given value into the column of the same name. The tests misuse it. */
class ThingProjector extends Projector("ThingProjector", { version: 1, tables: [things] }) {
  readonly handlers = [
    on(ThingMade, async ({ aggregateId: id, kind, value }) => {
      const given = kind in odd ? odd[kind] : value;
      if (kind === "sum") {
        this.create(things, { id, name: "sum", total: 2_000_000_000 });
        await this.find(things, { name: "sum" });
        this.update(things, { id }, { total: increment(2_000_000_000) });
      } else if (kind === "where") {
        this.create(things, { id, name: "a thing", total: 0, owner: id });
        this.update(things, { owner: value as string }, { total: 1 });
      } else {
        this.create(things, { id, name: "a thing", total: 0, ...{ [kind.split(" ")[0] ?? ""]: given } });
      }
    }),
  ];
}

const odd: Record<string, unknown> = {
  total: 3_000_000_000,
  "total rounded": 0.5,
  name: null,
  at: new Date(Number.NaN),
  "at far": new Date("+012026-01-01T00:00:00Z"),
  done: 2,
  "name nul": "Secret\0",
  "views large": "9223372036854775808",
  settings: { theme: "Secret\0" },
  tags: ["Secret", "Secret\0"],
  sizes: [1, 3_000_000_000],
  "tags empty": [null],
  "settings function": () => "Secret",
};

const parts = domainOf([
  { aggregate: Thing, commandHandler: ThingCommandHandler, commands: { MakeThing }, events: { ThingMade } },
]);
const projectors: readonly ProjectorClass[] = [ThingProjector];
const create = (eventStore: EventStore, some = projectors) =>
  new CommandService({ ...parts, eventStore, projectors: some });

const context = useProgram({ eventTypes: parts.eventTypes, projectors }, ({ write }) =>
  create(new PostgresEventStore(write, parts.eventTypes)),
);

/** The kind, the column and the text of the error. */
const misfits: [string, string, RegExp][] = [
  ["total", "total", /not a whole number from -2147483648 to 2147483647/],
  ["total rounded", "total", /not a whole number/],
  ["sum", "total", /its sum is too large|not a whole number from/],
  ["views", "views", /not a whole number as a text/],
  ["views large", "views", /more than 64 bits/],
  ["price", "price", /not a number as a text/],
  ["owner", "owner", /not a UUID/],
  ["where", "owner", /not a UUID/],
  ["day", "day", /not a day/],
  ["at", "at", /not a Date/],
  ["at far", "at", /not a Date/],
  ["done", "done", /neither true nor false/],
  ["name", "name", /empty/],
  ["name nul", "name", /NUL/],
  ["settings", "settings", /NUL/],
  ["settings function", "settings", /not a value of JSON/],
  ["tags", "tags", /a list in which one element is a text with a NUL/],
  ["tags empty", "tags", /one element is empty/],
  ["sizes", "sizes", /a list in which one element is not a whole number/],
];

const stores: [string, () => CommandService][] = [
  ["in memory", () => create(new InMemoryEventStore(parts.eventTypes))],
  ["in Postgres", () => context.running],
];

describe.each(stores)("a value that does not fit its column %s", (_, serviceOf) => {
  test.each(misfits)("is reported with its column and without the value: %s", async (kind, name, why) => {
    const command = new MakeThing({ kind, value: "Secret" });
    const error = await serviceOf()
      .executeCommands(command)
      .catch((error) => error);
    expectNamed(error, { name, why, aggregateId: command.aggregateId });
  });
});

test("a replay names the event and the column of a value that does not fit", async () => {
  const eventStore = new PostgresEventStore(context.database.write, parts.eventTypes);
  const fine = new MakeThing({ kind: "name fine", value: "Secret" });
  const commands = ["total", "sum"].map((kind) => new MakeThing({ kind, value: "Secret" }));
  for (const command of [fine, ...commands]) {
    await create(eventStore, []).executeCommands(command);
    const replay = new Replay({ knex: context.database.patient, projectors, eventTypes: parts.eventTypes });
    const error = await replay.replay(await replay.plan(projectors)).catch((error) => error);
    await replay.abort();
    if (command === fine) continue;
    expectNamed(error, {
      name: "total",
      why: /not a whole number from/,
      aggregateId: commands[0]?.aggregateId ?? "",
    });
  }
});

function expectNamed(
  error: unknown,
  { name, why, aggregateId }: { name: string; why: RegExp; aggregateId: string },
): void {
  expect(error).toBeInstanceOf(ProjectorFailed);
  const { message, cause } = error as ProjectorFailed;
  expect(cause).toBeInstanceOf(ValueDoesNotFit);
  expect(cause).toMatchObject({ table: "things", column: name });
  expect(message).toContain(`ThingProjector failed on ThingMade (${aggregateId}, number 1): things.${name} `);
  expect(message).toMatch(why);
  for (const text of [message, errorText(error)]) expect(text).not.toMatch(/Secret|3000000000/);
}
