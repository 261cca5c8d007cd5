import { beforeAll, expect, test } from "vitest";
import {
  AggregateRoot,
  CommandHandler,
  CreationCommand,
  column,
  Event,
  increment,
  on,
  Projector,
  string,
  table,
} from "#sequent";
import { CommandService, EventTypes, PostgresEventStore } from "#sequent/operations";
import { tableSql } from "../../src/framework/store/postgres/schema.ts";
import { useShop } from "../support/shop.ts";

const context = useShop();

const tags = table("contract_tags", {
  columns: { tag: column.text, uses: column.integer },
  primaryKey: ["tag"],
});

class UseTag extends CreationCommand("UseTag", { tag: string() }) {}
class TagUsed extends Event("TagUsed", { tag: string() }) {}

class Use extends AggregateRoot("Use") {
  readonly handlers = [];

  static of({ aggregateId, tag }: UseTag): Use {
    const use = new Use(aggregateId);
    use.apply(TagUsed, { tag });
    return use;
  }
}

class UseCommandHandler extends CommandHandler {
  readonly handlers = [on(UseTag, (command) => this.repository.addAggregate(Use.of(command)))];
}

class TagProjector extends Projector("TagProjector", { version: 1, tables: [tags] }) {
  readonly handlers = [
    on(TagUsed, async ({ tag }) => {
      if (await this.find(tags, { tag })) this.update(tags, { tag }, { uses: increment(1) });
      else this.create(tags, { tag, uses: 1 });
    }),
  ];
}

beforeAll(async () => {
  const sql = [
    "drop table if exists view_schema.contract_tags",
    ...tableSql(tags, "view_schema"),
    "insert into sequent_schema.projector_states (projector, version) values ('TagProjector', 1) on conflict do nothing",
  ];
  await context.database.write.raw(sql.join(";\n"));
});

test("of units that look for a row and create it if it is missing, one creates it and the others find it", async () => {
  const service = new CommandService({
    eventStore: new PostgresEventStore(context.database.write, new EventTypes([{ TagUsed }])),
    commandHandlers: [UseCommandHandler],
    projectors: [TagProjector],
  });
  for (const tag of ["a", "b", "c"])
    await Promise.all(Array.from({ length: 8 }, () => service.executeCommands(new UseTag({ tag }))));

  const rows = await context.database.write.raw(
    "select tag, uses from view_schema.contract_tags order by tag",
  );
  expect(rows.rows).toEqual(["a", "b", "c"].map((tag) => ({ tag, uses: 8 })));
});
