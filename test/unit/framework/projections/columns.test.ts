import { describe, expect, test } from "vitest";
import {
  AggregateRoot,
  Command,
  CommandHandler,
  CreationCommand,
  column,
  decimal,
  Event,
  increment,
  integer,
  list,
  nullable,
  on,
  Projector,
  type RowOf,
  string,
  table,
  text,
} from "#sequent";
import {
  CommandService,
  changedTables,
  domainOf,
  type EventStore,
  InMemoryEventStore,
  PostgresEventStore,
  Replay,
  verifyViews,
} from "#sequent/operations";
import { useProgram } from "../../../support/database.ts";

const bought = { name: string(), amount: decimal(), pieces: integer(), tags: list(text()) };

class OpenBasket extends CreationCommand("OpenBasket") {}
class Buy extends Command("Buy", bought) {}
class BasketOpened extends Event("BasketOpened") {}
class Bought extends Event("Bought", bought) {}

class Basket extends AggregateRoot("Basket") {
  static open({ aggregateId }: OpenBasket): Basket {
    const basket = new Basket(aggregateId);
    basket.apply(BasketOpened);
    return basket;
  }
  buy(command: Buy): void {
    this.apply(Bought, command);
  }
  readonly handlers = [];
}

class BasketCommandHandler extends CommandHandler {
  readonly handlers = [
    on(OpenBasket, (command) => this.repository.addAggregate(Basket.open(command))),
    on(Buy, (command) => this.doWithAggregate(command, Basket, (basket) => basket.buy(command))),
  ];
}

const baskets = table("baskets", {
  columns: {
    id: column.uuid,
    total: column.decimal,
    pieces: column.bigint,
    lines: column.json<{ name: string; pieces: number }[]>(),
    tags: column.list(column.text),
    amounts: column.list(column.decimal),
    days: nullable(column.list(column.date)),
  },
  primaryKey: ["id"],
});

class BasketProjector extends Projector("BasketProjector", { version: 1, tables: [baskets] }) {
  readonly handlers = [
    on(BasketOpened, ({ aggregateId: id }) =>
      this.create(baskets, { id, total: "0", pieces: "9007199254740993", lines: [], tags: [], amounts: [] }),
    ),
    on(Bought, async ({ aggregateId: id, name, amount, pieces, tags }) => {
      const { lines = [], amounts = [] } = (await this.find(baskets, { id })) ?? {};
      this.update(
        baskets,
        { id },
        {
          ...{ total: increment(amount), pieces: increment(pieces), tags },
          ...{ lines: [...lines, { name, pieces }], amounts: [...amounts, amount], days: ["2026-11-20"] },
        },
      );
    }),
  ];
}

const parts = domainOf([
  {
    ...{ aggregate: Basket, commandHandler: BasketCommandHandler },
    ...{ commands: { OpenBasket, Buy }, events: { BasketOpened, Bought } },
  },
]);
const { eventTypes } = parts;
const projectors = [BasketProjector];
const serviceOn = (eventStore: EventStore) => new CommandService({ ...parts, eventStore, projectors });

const context = useProgram({ eventTypes, projectors }, ({ write }) =>
  serviceOn(new PostgresEventStore(write, eventTypes)),
);

async function fill(service: CommandService): Promise<string> {
  const { aggregateId } = await service
    .executeCommands(new OpenBasket({}))
    .then(([first]) => first ?? { aggregateId: "" });
  const tags = ['{"a",\\\\N}', "", "é\n"];
  await service.executeCommands(
    new Buy({ aggregateId, name: "[object Object]", amount: "0.10", pieces: 1, tags }),
  );
  await service.executeCommands(new Buy({ aggregateId, name: "null", amount: "1234.40", pieces: -3, tags }));
  return aggregateId;
}

const filled: Omit<RowOf<typeof baskets>, "id"> = {
  total: "1234.50",
  pieces: "9007199254740991",
  lines: [
    { name: "[object Object]", pieces: 1 },
    { name: "null", pieces: -3 },
  ],
  tags: ['{"a",\\\\N}', "", "é\n"],
  amounts: ["0.10", "1234.40"],
  days: ["2026-11-20"],
};

describe("rows with columns of every kind", () => {
  const rows = () => context.database.read.withSchema("view_schema").from("baskets").select();
  const knex = () => context.database.patient;

  test("are the same in memory, in Postgres and after a rebuild", async () => {
    const inMemory = new InMemoryEventStore(eventTypes);
    const id = await fill(serviceOn(inMemory));
    expect(inMemory.rows.all(baskets)).toStrictEqual([{ id, ...filled }]);

    const live = { id: await fill(context.running), ...filled };
    expect(await rows()).toEqual([live]);
    expect(await changedTables(knex(), projectors)).toEqual([]);

    const replay = new Replay({ knex: knex(), projectors, eventTypes });
    await replay.replay(await replay.plan(projectors));
    expect(await rows()).toEqual([live]);
  });

  test.each([
    "lines = '[]'",
    "tags = '{}'",
    "amounts[2] = 1234.41",
    "total = total + 0.01",
    "pieces = pieces + 1",
  ])("are compared by --verify: %s", async (change) => {
    const id = await fill(context.running);
    const verify = () => verifyViews({ knex: knex(), projectors, eventTypes });
    expect(await verify()).toBeUndefined();
    await context.database.write.raw(`update view_schema.baskets set ${change}`);
    expect(await verify()).toMatchObject({ table: "baskets", key: { id }, built: filled });
  });
});
