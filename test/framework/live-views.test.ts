import { afterEach, describe, expect, test } from "vitest";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { useBlog } from "../support/database.ts";
import { storedViews } from "../support/views.ts";

const context = useBlog();

const setVersion = (version: number) =>
  context.database.write.raw(
    "update sequent_schema.projector_states set version = ? where projector = 'AuthorProjector'",
    [version],
  );

afterEach(() => setVersion(1));

describe("where another version of a view has gone live", () => {
  test("a unit of work writes no rows into it, and its events are put aside", async () => {
    const first = await addAuthor();
    await setVersion(2);
    const second = await addAuthor();

    const { author_records } = await storedViews(context.database);
    expect(author_records).toMatchObject([{ aggregate_id: first }]);
    expect(await deferred()).toEqual(
      [1, 2, 3].map((sequence_number) => ({
        projector: "AuthorProjector",
        aggregate_id: second,
        sequence_number,
      })),
    );
  });

  test("what was put aside is forgotten once the view that has it in it is live", async () => {
    await setVersion(2);
    await addAuthor();
    await setVersion(3);
    expect(await deferred()).toEqual([]);
  });
});

async function addAuthor(): Promise<string> {
  const command = new AddAuthor({ name: "Ben", email: `${crypto.randomUUID()}@example.com` });
  await context.blog.commandService.executeCommands(command);
  return command.aggregateId;
}

async function deferred(): Promise<unknown[]> {
  const { rows } = await context.database.write.raw(
    "select * from sequent_schema.deferred_events order by aggregate_id, sequence_number",
  );
  return rows;
}
