import { expect, test } from "vitest";
import { newId, PostgresConnections } from "#sequent/operations";
import { type List, pageOf } from "../../../src/projections/keyset.ts";
import { useBlog } from "../../support/database.ts";

const context = useBlog();

interface Row {
  readonly id: string;
  readonly title: string;
}

test.each([
  ["short", "On moss"],
  ["in letters of many bytes", "\u{1f9d1}".repeat(500)],
])("the next page continues where a page ends, even if the text is %s", async (_what, title) => {
  const rows = [1, 2].map(() => ({ id: newId(), title }));
  const titles: List<Row> = {
    order: "by text",
    placeOf: ({ title, id }) => [title, id],
    sql: `
select id, title
  from jsonb_to_recordset('${JSON.stringify(rows)}') as rows (id uuid, title text)
 where (title, id) > ($2, $3::uuid)
 order by title, id
 limit $1`,
  };
  const views = new PostgresConnections(context.database.read);
  const { rows: first, next } = await pageOf(views, titles, { limit: 1 });
  const { rows: last, next: end } = await pageOf(views, titles, { limit: 1, after: next });
  expect([...first, ...last, end]).toEqual([...rows.sort((a, b) => (a.id < b.id ? -1 : 1)), undefined]);
});
