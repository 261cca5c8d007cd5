import { describe, expect, test } from "vitest";
import { column, on, Projector, table } from "#sequent";
import { buildViews, type ViewBuilding } from "#sequent/operations";
import { eventTypes, projectors } from "../../../src/blog.ts";
import { AddAuthor } from "../../../src/domain/author/commands.ts";
import { AuthorNameSet } from "../../../src/domain/author/events.ts";
import { AddPost, PublishPost } from "../../../src/domain/post/commands.ts";
import { AuthorProjector } from "../../../src/projections/author-projector.ts";
import { useBlog } from "../../support/database.ts";
import { foldedViews, storedEvents, storedViews } from "../../support/views.ts";

const context = useBlog();

const nameRecords = table("name_records", {
  columns: { author_id: column.uuid, name: column.text },
  primaryKey: ["author_id"],
});

class NameProjector extends Projector("NameProjector", { version: 1, tables: [nameRecords] }) {
  readonly handlers = [
    on(AuthorNameSet, ({ aggregateId, name }) => this.create(nameRecords, { author_id: aggregateId, name })),
  ];
}

const build = (built: ViewBuilding["projectors"], atMost?: number) =>
  context.database.patient.transaction((transaction) =>
    buildViews(transaction, { projectors: built, eventTypes, atMost }),
  );

const forget = async () => {
  await context.database.write.raw("drop table if exists view_schema.name_records");
  await context.database.write.raw(
    "update sequent_schema.projector_states set version = 1; delete from sequent_schema.projector_states where projector = 'NameProjector'",
  );
};

describe("views", () => {
  test("of a new projector show what happened before it, and are built once", async () => {
    const author = await givenAuthor();
    expect(await build([NameProjector])).toEqual(["NameProjector"]);
    expect(
      await context.database.read.raw("select * from view_schema.name_records").then(({ rows }) => rows),
    ).toEqual([{ author_id: author, name: "Ben" }]);
    expect(await build([NameProjector])).toEqual([]);
    await forget();
  });

  test("are found by the saved name, whatever the class is called by now", async () => {
    class a extends AuthorProjector {}
    expect(await build([a])).toEqual([]);
  });

  test("of a projector with a higher version are built anew, and come out equal", async () => {
    await givenAuthor();
    await context.database.write.raw(
      "update view_schema.author_records set name = 'spoilt', published_posts = 7",
    );
    class Later extends AuthorProjector {
      static override readonly version: number = 2;
    }
    expect(await build([Later])).toEqual(["AuthorProjector"]);
    expect(await storedViews(context.database)).toEqual(
      await foldedViews(await storedEvents(context.database)),
    );
    expect(await build([AuthorProjector])).toEqual([]);
    await forget();
  });

  test("are not built where more has happened than is wanted at a start", async () => {
    await givenAuthor();
    const { rows } = await context.database.read.raw("select count(*)::integer from sequent_schema.events");
    const events: number = rows[0].count;
    expect(await build([NameProjector], events - 1)).toEqual([]);
    expect(await build([NameProjector], events)).toEqual(["NameProjector"]);
    await forget();
  });

  test("are not built of two projectors that list one table", async () => {
    class Thief extends Projector("ThiefProjector", { version: 1, tables: [nameRecords] }) {
      readonly handlers = [];
    }
    await expect(build([NameProjector, Thief])).rejects.toThrow(
      'The table "name_records" is listed by NameProjector and by ThiefProjector.',
    );
  });

  test("stay as they were where building them fails", async () => {
    await givenAuthor();
    const before = await storedViews(context.database);
    class Failing extends AuthorProjector {
      static override readonly version: number = 2;
      override readonly handlers = [
        on(AuthorNameSet, () => {
          throw new Error("no such luck");
        }),
      ];
    }
    await expect(build([Failing])).rejects.toThrow(/AuthorProjector failed on AuthorNameSet .* no such luck/);
    expect(await storedViews(context.database)).toEqual(before);
    expect(await build(projectors)).toEqual([]);
  });
});

async function givenAuthor(): Promise<string> {
  const author = new AddAuthor({ name: "Ben", email: "ben@example.com" });
  const post = new AddPost({ authorAggregateId: author.aggregateId, title: "Title", content: "…" });
  const publish = new PublishPost({ aggregateId: post.aggregateId, publicationDate: "2026-01-31" });
  await context.blog.commandService.executeCommands(author, post, publish);
  return author.aggregateId;
}
