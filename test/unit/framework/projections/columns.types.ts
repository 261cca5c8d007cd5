/** What the compiler must refuse about columns. It is compiled, never run. */
import {
  column,
  increment,
  nullable,
  on,
  Projector,
  type RowOf,
  table,
} from "../../../../src/framework/index.ts";
import type { JsonObject } from "../../../../src/framework/operations.ts";
import { TaskAdded } from "../support/tasks.ts";

interface Settings {
  readonly theme: string;
  readonly sizes?: readonly (number | null)[];
}

const documents = table("typed_documents", {
  columns: {
    id: column.uuid,
    settings: column.json<Settings>(),
    count: column.json<number>(),
    extra: nullable(column.json()),
    payload: nullable(column.json<JsonObject>()),
  },
  primaryKey: ["id"],
});

const settings = { theme: "dark" };

export const row: RowOf<typeof documents> = { id: "", settings, count: 1, extra: null, payload: null };
export const theme: string = row.settings.theme;
export const size: number | null | undefined = row.settings.sizes?.[0];

export class TypedDocumentProjector extends Projector("TypedDocumentProjector", {
  version: 1,
  tables: [documents],
}) {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId: id }) => {
      this.create(documents, { id, settings, count: 1 });
      this.create(documents, { id, settings, count: 1, extra: { any: [1, "x", null] } });
      this.update(documents, { id }, { settings, extra: null });
      // @ts-expect-error of another type
      this.update(documents, { id }, { settings: { theme: 1 } });
      // @ts-expect-error a column that must not be empty
      this.update(documents, { id }, { settings: null });
      // @ts-expect-error JSON has no such value
      this.update(documents, { id }, { extra: new Date() });
      // @ts-expect-error no row is found by json
      this.update(documents, { settings }, { extra: 1 });
      // @ts-expect-error nor by json that may be empty
      this.delete(documents, { extra: null });
      // @ts-expect-error nothing is added to json
      this.update(documents, { id }, { count: increment(1) });
    }),
  ];
}

const sums = table("typed_sums", {
  columns: {
    number: column.bigint,
    amount: column.decimal,
    rest: nullable(column.decimal),
    tags: column.list(column.text),
    sizes: nullable(column.list(nullable(column.integer))),
  },
  primaryKey: ["number"],
  indexes: [{ columns: ["amount desc"] }],
});

export const sum: RowOf<typeof sums> = {
  number: "1",
  amount: "0.10",
  rest: null,
  tags: ["a"],
  sizes: [1, null],
};

export class TypedSumProjector extends Projector("TypedSumProjector", { version: 1, tables: [sums] }) {
  readonly handlers = [
    on(TaskAdded, () => {
      this.create(sums, { number: "1", amount: "1.50", tags: [] });
      this.update(sums, { number: "1" }, { number: increment(1), amount: increment("0.10") });
      this.update(sums, { number: "1" }, { number: increment("1"), rest: increment("-0.10") });
      // @ts-expect-error a number is not exact
      this.create(sums, { number: 1, amount: "1", tags: [] });
      // @ts-expect-error a number is not exact
      this.create(sums, { number: "1", amount: 1.5, tags: [] });
      // @ts-expect-error a number is not exact
      this.update(sums, { number: "1" }, { amount: increment(0.1) });
      // @ts-expect-error nothing is added to a list
      this.update(sums, { number: "1" }, { tags: increment(1) });
      // @ts-expect-error of another type
      this.update(sums, { number: "1" }, { tags: [1] });
      // @ts-expect-error this list may not have empty elements
      this.update(sums, { number: "1" }, { tags: [null] });
      // @ts-expect-error 1.5 and 1.50 are one number, but two texts: no row is found by it
      this.update(sums, { amount: "1.50" }, { tags: [] });
      // @ts-expect-error no row is found by a list
      this.delete(sums, { tags: [] });
    }),
  ];
}

// @ts-expect-error a list has plain values: use json
column.list(column.json<Settings>());
// @ts-expect-error a list has plain values: use json
column.list(column.list(column.text));

// @ts-expect-error a Date comes back as a text
column.json<{ at: Date }>();
// @ts-expect-error JSON has no bigint
column.json<{ total: bigint }[]>();
// @ts-expect-error only an empty column holds null alone
column.json<string | null>();
// @ts-expect-error it may be anything
column.json<unknown>();

const columns = { id: column.uuid, settings: column.json<Settings>() };
table("typed_amounts", {
  columns: { amount: column.decimal, tags: column.list(column.text) },
  // @ts-expect-error no key of an amount
  primaryKey: ["amount"],
  // @ts-expect-error no index of a list
  indexes: [{ columns: ["tags"] }],
});
// @ts-expect-error no key of json
table("typed_key", { columns, primaryKey: ["settings"] });
// @ts-expect-error no index of json
table("typed_index", { columns, primaryKey: ["id"], indexes: [{ columns: ["settings"] }] });
