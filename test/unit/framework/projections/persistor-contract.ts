import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { column, increment, nullable, type RowOf, table } from "#sequent";
import { type NewRowOf, newId, type Table } from "#sequent/operations";
import type { RowWriter } from "../support/row-writer.ts";

export const contractItems = table("contract_items", {
  columns: {
    id: column.uuid,
    name: column.text,
    shelf: column.integer,
    count: column.integer,
    score: nullable(column.integer),
    note: nullable(column.text),
    done: column.boolean,
    day: nullable(column.date),
    changed_at: column.time,
  },
  primaryKey: ["id"],
});

const contractParts = table("contract_parts", {
  columns: { item_id: column.uuid, number: column.integer, label: column.text },
  primaryKey: ["item_id", "number"],
});

interface Settings {
  readonly tags: readonly string[];
  readonly sizes?: Readonly<Record<string, number | null>>;
  readonly deep?: readonly (readonly (string | boolean | null)[])[];
}

const contractDocuments = table("contract_documents", {
  columns: {
    id: column.uuid,
    settings: column.json<Settings>(),
    anything: nullable(column.json()),
  },
  primaryKey: ["id"],
});

const contractSums = table("contract_sums", {
  columns: {
    number: column.bigint,
    amount: column.decimal,
    views: nullable(column.bigint),
    rest: nullable(column.decimal),
  },
  primaryKey: ["number"],
  indexes: [{ columns: ["amount desc"] }],
});

const contractLists = table("contract_lists", {
  columns: {
    id: column.uuid,
    texts: column.list(column.text),
    maybe: nullable(column.list(nullable(column.text))),
    ids: column.list(column.uuid),
    integers: column.list(column.integer),
    bigints: column.list(column.bigint),
    decimals: column.list(nullable(column.decimal)),
    booleans: column.list(column.boolean),
    days: column.list(column.date),
    times: column.list(column.time),
  },
  primaryKey: ["id"],
});

/** The tables that the contract writes. The caller makes them. */
export const contractTables: readonly Table[] = [
  contractItems,
  contractParts,
  contractDocuments,
  contractSums,
  contractLists,
];

export interface PersistorEngine {
  /** Runs a unit of work with its own persistor, and stores all of it or nothing. */
  unit(write: (writer: RowWriter) => unknown): Promise<void>;
  rowsOf(table: Table): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

type Item = RowOf<typeof contractItems>;

const changed_at = new Date("2026-11-20T12:30:15.123Z");
const [a, b, c] = [newId(), newId(), newId()];

function item(id: string, values: Partial<Item> = {}): Item {
  const empty = { score: null, note: null, day: null };
  return { id, name: "item", shelf: 1, count: 0, done: false, changed_at, ...empty, ...values };
}

export { item as itemOf };

/** What every engine behind the `Persistor` must do. `open` returns one with empty tables. */
export function describePersistor(name: string, open: () => Promise<PersistorEngine>): void {
  describe(`${name} keeps the contract of a persistor`, () => {
    let engine: PersistorEngine;

    beforeEach(async () => {
      engine = await open();
    });

    async function items(): Promise<Item[]> {
      const rows = (await engine.rowsOf(contractItems)) as Item[];
      return rows.toSorted((one, other) => ((one.id ?? "") < (other.id ?? "") ? -1 : 1));
    }

    /** Rows that exist before the tested unit. */
    async function given(...rows: Item[]): Promise<void> {
      await engine.unit((writer) => {
        for (const row of rows) writer.create(contractItems, row);
      });
    }

    async function found(write: (writer: RowWriter) => unknown): Promise<unknown> {
      let result: unknown;
      await engine.unit(async (writer) => {
        result = await write(writer);
      });
      return result;
    }

    describe("create", () => {
      test("makes a row with the values of every type", async () => {
        const row = item(a, { name: "'é\"\\ \n", count: -3, score: 7, done: true, day: "2026-02-28" });
        await given(row);
        expect(await items()).toEqual([row]);
      });

      test("stores a negative zero as zero, at once and later", async () => {
        const seen = await found((writer) => {
          writer.create(contractItems, item(a, { count: -0 }));
          return writer.find(contractItems, { id: a });
        });
        expect(seen).toStrictEqual(item(a));
        await engine.unit((writer) => {
          writer.update(contractItems, { count: 0 }, { note: "found" });
          writer.update(contractItems, { count: -0 }, { score: -0 });
        });
        expect(await items()).toStrictEqual([item(a, { note: "found", score: 0 })]);
      });

      test("leaves omitted columns empty", async () => {
        const { score, note, day, ...values } = item(a);
        await engine.unit((writer) => writer.create(contractItems, values as NewRowOf<typeof contractItems>));
        expect(await items()).toEqual([item(a)]);
      });

      test("makes rows with different columns in one unit", async () => {
        const { note, ...values } = item(a);
        await engine.unit((writer) => {
          writer.create(contractItems, values);
          writer.create(contractItems, item(b, { note: "n" }));
        });
        expect(await items()).toEqual([item(a), item(b, { note: "n" })]);
      });

      test("makes thousands of rows in one unit", async () => {
        const rows = Array.from({ length: 2000 }, (_, index) => item(newId(), { count: index }));
        await given(...rows);
        expect((await items()).map(({ count }) => count)).toEqual(rows.map(({ count }) => count));
      });

      test("refuses a taken key, and then stores nothing of the unit", async () => {
        await given(item(a));
        await expect(given(item(b), item(a, { name: "again" }))).rejects.toThrow();
        await expect(given(item(b), item(c), item(b))).rejects.toThrow();
        expect(await items()).toEqual([item(a)]);
      });

      test("refuses a taken key even if the row is removed at once", async () => {
        await given(item(a));
        const creating = engine.unit((writer) => {
          writer.create(contractItems, item(a));
          writer.delete(contractItems, { id: a });
        });
        await expect(creating).rejects.toThrow();
        expect(await items()).toEqual([item(a)]);
      });

      test("refuses a row without a required column", async () => {
        const { name, ...values } = item(a);
        const lacking = values as NewRowOf<typeof contractItems>;
        await expect(engine.unit((writer) => writer.create(contractItems, lacking))).rejects.toThrow();
        expect(await items()).toEqual([]);
      });
    });

    test("NaN, an invalid date and half a character are refused, and not stored as something else", async () => {
      const instant = new Date(Number.NaN);
      await expect(given(item(a, { score: Number.NaN }))).rejects.toThrow();
      await expect(given(item(a, { score: Number.POSITIVE_INFINITY }))).rejects.toThrow();
      await expect(given(item(a, { changed_at: instant }))).rejects.toThrow();
      await expect(given(item(a, { note: "\ud83d" }))).rejects.toThrow();
      const none = {
        texts: [],
        ids: [],
        integers: [],
        bigints: [],
        decimals: [],
        booleans: [],
        days: [],
        times: [],
      };
      const listing = (values: object) =>
        engine.unit((writer) => writer.create(contractLists, { ...none, id: a, ...values }));
      await expect(listing({ integers: [Number.NaN] })).rejects.toThrow();
      await expect(listing({ times: [instant] })).rejects.toThrow();
      await expect(listing({ texts: ["\ud83d"] })).rejects.toThrow();
      expect([...(await items()), ...(await engine.rowsOf(contractLists))]).toEqual([]);
    });

    describe("createOrUpdate", () => {
      test("makes a row, or gives an existing row new values", async () => {
        await given(item(a, { name: "old", count: 1 }));
        await engine.unit((writer) => {
          writer.createOrUpdate(contractItems, item(a, { name: "new" }));
          writer.createOrUpdate(contractItems, item(b));
        });
        expect(await items()).toEqual([item(a, { name: "new" }), item(b)]);
      });

      test("does not change unnamed columns of an existing row", async () => {
        await given(item(a, { note: "stays", score: 1 }));
        const { note, ...values } = item(a, { score: null });
        await engine.unit((writer) => writer.createOrUpdate(contractItems, values));
        expect(await items()).toEqual([item(a, { note: "stays" })]);
      });

      test("of one row several times keeps the last values", async () => {
        await engine.unit((writer) => {
          writer.createOrUpdate(contractItems, item(a, { name: "one", note: "n" }));
          writer.createOrUpdate(contractItems, item(a, { name: "two", note: null }));
        });
        expect(await items()).toEqual([item(a, { name: "two" })]);
      });

      test("of one row in several units works", async () => {
        const part = { item_id: a, number: 1, label: "x" };
        await engine.unit((writer) => writer.createOrUpdate(contractParts, part));
        await engine.unit((writer) => writer.createOrUpdate(contractParts, part));
        expect(await engine.rowsOf(contractParts)).toEqual([part]);
      });
    });

    describe("update", () => {
      test("changes the named columns of the row under a key, and no other row", async () => {
        await given(item(a), item(b));
        await engine.unit((writer) =>
          writer.update(contractItems, { id: a }, { name: "new", note: "n", day: "2026-01-01" }),
        );
        expect(await items()).toEqual([item(a, { name: "new", note: "n", day: "2026-01-01" }), item(b)]);
      });

      test("of a missing row does nothing", async () => {
        await given(item(a));
        await engine.unit((writer) => writer.update(contractItems, { id: b }, { name: "new" }));
        expect(await items()).toEqual([item(a)]);
      });

      test("of no columns does nothing", async () => {
        await given(item(a));
        await engine.unit((writer) => writer.update(contractItems, { id: a }, {}));
        expect(await items()).toEqual([item(a)]);
      });

      test("changes all rows that match other columns", async () => {
        await given(item(a), item(b, { shelf: 2 }), item(c));
        await engine.unit((writer) =>
          writer.update(contractItems, { shelf: 1, done: false }, { name: "new" }),
        );
        expect((await items()).map(({ name }) => name)).toEqual(["new", "item", "new"]);
      });

      test("needs all columns to match, including the key", async () => {
        await given(item(a));
        await engine.unit((writer) => {
          writer.update(contractItems, { id: a, shelf: 2 }, { name: "no" });
          writer.update(contractItems, { id: a, shelf: 1 }, { note: "yes" });
        });
        expect(await items()).toEqual([item(a, { note: "yes" })]);
      });

      test("finds rows by an empty column", async () => {
        await given(item(a), item(b, { note: "n" }));
        await engine.unit((writer) => writer.update(contractItems, { note: null }, { count: 5 }));
        expect((await items()).map(({ count }) => count)).toEqual([5, 0]);
      });

      test("finds rows by a time and a day", async () => {
        await given(item(a, { day: "2026-01-01" }), item(b));
        await engine.unit((writer) => {
          writer.update(contractItems, { changed_at }, { count: 5 });
          writer.update(contractItems, { day: "2026-01-01" }, { note: "n" });
        });
        expect(await items()).toEqual([
          item(a, { day: "2026-01-01", count: 5, note: "n" }),
          item(b, { count: 5 }),
        ]);
      });

      test("without conditions changes every row", async () => {
        await given(item(a), item(b));
        await engine.unit((writer) => writer.update(contractItems, {}, { shelf: 9 }));
        expect((await items()).map(({ shelf }) => shelf)).toEqual([9, 9]);
      });

      test("can empty a column, and change the columns that the rows were found by", async () => {
        await given(item(a, { note: "n" }), item(b, { note: "n" }));
        await engine.unit((writer) => {
          writer.update(contractItems, { note: "n" }, { note: null });
          writer.update(contractItems, { note: "n" }, { count: 9 });
        });
        expect(await items()).toEqual([item(a), item(b)]);
      });

      test("can give a row another key", async () => {
        await given(item(a));
        await engine.unit((writer) => {
          writer.update(contractItems, { id: a }, { count: 1 });
          writer.update(contractItems, { id: a }, { id: b });
          writer.update(contractItems, { id: b }, { name: "moved" });
          writer.update(contractItems, { id: a }, { name: "not there" });
          writer.create(contractItems, item(a));
        });
        expect(await items()).toEqual([item(a), item(b, { count: 1, name: "moved" })]);
      });

      test("finds a row by a key of several columns", async () => {
        await engine.unit((writer) => {
          for (const number of [1, 2]) writer.create(contractParts, { item_id: a, number, label: "old" });
        });
        await engine.unit((writer) => {
          writer.update(contractParts, { number: 2, item_id: a }, { label: "new" });
          writer.update(contractParts, { item_id: a, number: 2 }, { label: "newer" });
        });
        const rows = await engine.rowsOf(contractParts);
        expect(rows.map(({ number, label }) => `${number} ${label}`).sort()).toEqual(["1 old", "2 newer"]);
      });
    });

    describe("increment", () => {
      test("adds to the stored number, within a unit and over several", async () => {
        await given(item(a, { count: 5 }));
        await engine.unit((writer) => {
          writer.update(contractItems, { id: a }, { count: increment(2), name: "new" });
          writer.update(contractItems, { id: a }, { count: increment(3) });
          writer.update(contractItems, { id: a }, { count: increment(-1) });
        });
        await engine.unit((writer) => writer.update(contractItems, { id: a }, { count: increment(1) }));
        expect(await items()).toEqual([item(a, { count: 10, name: "new" })]);
      });

      test("adds to a number that the unit itself wrote", async () => {
        await engine.unit((writer) => {
          writer.create(contractItems, item(a, { count: 5 }));
          writer.update(contractItems, { id: a }, { count: increment(1) });
          writer.update(contractItems, { id: a }, { count: 7 });
          writer.update(contractItems, { id: a }, { count: increment(1) });
        });
        expect(await items()).toEqual([item(a, { count: 8 })]);
      });

      test("of an empty column does nothing", async () => {
        await given(item(a));
        await engine.unit((writer) => {
          writer.update(contractItems, { id: a }, { score: increment(1) });
          writer.create(contractItems, item(b));
          writer.update(contractItems, { id: b }, { score: increment(1) });
          const { score, ...values } = item(c);
          writer.create(contractItems, values);
          writer.update(contractItems, { id: c }, { score: increment(1) });
        });
        expect((await items()).map(({ score }) => score)).toEqual([null, null, null]);
      });

      test("of a column that the unit emptied does nothing", async () => {
        await given(item(a, { score: 5 }));
        await engine.unit((writer) => {
          writer.update(contractItems, { id: a }, { score: null });
          writer.update(contractItems, { id: a }, { score: increment(1) });
        });
        expect(await items()).toEqual([item(a)]);
      });

      test("adds to each of several rows", async () => {
        await given(item(a, { count: 1 }), item(b, { count: 2 }), item(c, { shelf: 2 }));
        await engine.unit((writer) => writer.update(contractItems, { shelf: 1 }, { count: increment(10) }));
        expect((await items()).map(({ count }) => count)).toEqual([11, 12, 0]);
      });

      test("adds to a row that createOrUpdate changes in part", async () => {
        await given(item(a, { score: 5 }));
        const { score, ...values } = item(a);
        await engine.unit((writer) => {
          writer.createOrUpdate(contractItems, values);
          writer.update(contractItems, { id: a }, { score: increment(1) });
        });
        expect(await items()).toEqual([item(a, { score: 6 })]);
      });
    });

    describe("delete", () => {
      test("removes the row under a key", async () => {
        await given(item(a), item(b));
        await engine.unit((writer) => writer.delete(contractItems, { id: a }));
        expect(await items()).toEqual([item(b)]);
      });

      test("removes all rows that match, and may find none", async () => {
        await given(item(a), item(b, { shelf: 2 }), item(c));
        await engine.unit((writer) => {
          writer.delete(contractItems, { shelf: 1 });
          writer.delete(contractItems, { id: newId() });
          writer.delete(contractItems, { note: "nowhere" });
        });
        expect(await items()).toEqual([item(b, { shelf: 2 })]);
      });

      test("without conditions removes every row", async () => {
        await given(item(a), item(b));
        await engine.unit((writer) => writer.delete(contractItems, {}));
        expect(await items()).toEqual([]);
      });

      test("removes rows that the same unit made or changed, and their keys can be used again", async () => {
        await given(item(a));
        await engine.unit((writer) => {
          writer.update(contractItems, { id: a }, { name: "changed" });
          writer.delete(contractItems, { id: a });
          writer.create(contractItems, item(b));
          writer.delete(contractItems, { id: b });
          writer.create(contractItems, item(a, { name: "again" }));
          writer.createOrUpdate(contractItems, item(c));
          writer.delete(contractItems, { id: c });
          writer.update(contractItems, { id: c }, { name: "not there" });
        });
        expect(await items()).toEqual([item(a, { name: "again" })]);
      });
    });

    describe("find", () => {
      test("finds several rows at once, after the earlier writes, which happen once", async () => {
        await given(item(a, { count: 1 }), item(b, { count: 2 }));
        const rows = await found((writer) => {
          writer.update(contractItems, { shelf: 1 }, { count: increment(10) });
          return Promise.all([a, b, c].map((id) => writer.find(contractItems, { id })));
        });
        expect(rows).toEqual([item(a, { count: 11 }), item(b, { count: 12 }), undefined]);
      });

      test("misses nothing that is written during the search", async () => {
        await given(item(a));
        await engine.unit(async (writer) => {
          writer.update(contractItems, { shelf: 1 }, { count: increment(1) });
          const finding = writer.find(contractItems, { id: a });
          for (let turn = 0; turn < 20; turn += 1) {
            await undefined;
            writer.update(contractItems, { id: a }, { score: turn });
          }
          await finding;
        });
        expect(await items()).toEqual([item(a, { count: 1, score: 19 })]);
      });

      test("returns a row with all its columns, by its key or by others", async () => {
        const row = item(a, { note: "n", score: 1, day: "2026-01-01" });
        await given(row, item(b, { shelf: 2 }));
        expect(await found((writer) => writer.find(contractItems, { id: a }))).toEqual(row);
        expect(await found((writer) => writer.find(contractItems, { shelf: 1, note: "n" }))).toEqual(row);
        expect(await found((writer) => writer.find(contractItems, { note: null }))).toEqual(
          item(b, { shelf: 2 }),
        );
      });

      test("without conditions returns any row", async () => {
        expect(await found((writer) => writer.find(contractItems, {}))).toBeUndefined();
        await given(item(a));
        expect(await found((writer) => writer.find(contractItems, {}))).toEqual(item(a));
      });

      test("returns undefined if nothing matches", async () => {
        await given(item(a));
        expect(await found((writer) => writer.find(contractItems, { id: b }))).toBeUndefined();
        expect(await found((writer) => writer.find(contractItems, { id: a, shelf: 2 }))).toBeUndefined();
      });

      const { note: _, ...withoutNote } = item(a);
      const pending: [string, (writer: RowWriter) => void, Item | undefined][] = [
        ["a created row", (writer) => writer.create(contractItems, item(c)), item(c)],
        [
          "a created and changed row",
          (writer) => {
            writer.create(contractItems, item(c));
            writer.update(contractItems, { id: c }, { name: "new", count: increment(2) });
          },
          item(c, { name: "new", count: 2 }),
        ],
        [
          "a row that may be created or changed",
          (writer) => writer.createOrUpdate(contractItems, { ...withoutNote, id: c }),
          item(c),
        ],
        [
          "an existing row that was changed",
          (writer) => {
            writer.update(contractItems, { id: a }, { id: c, name: "new" });
          },
          item(c, { name: "new", note: "old" }),
        ],
        [
          "a row that was changed with others",
          (writer) => {
            writer.create(contractItems, item(c, { shelf: 4 }));
            writer.update(contractItems, { shelf: 4 }, { name: "new" });
          },
          item(c, { shelf: 4, name: "new" }),
        ],
        [
          "no removed row",
          (writer) => {
            writer.create(contractItems, item(c));
            writer.delete(contractItems, { id: c });
          },
          undefined,
        ],
        [
          "no row that was removed with others",
          (writer) => {
            writer.create(contractItems, item(c, { shelf: 4 }));
            writer.delete(contractItems, { shelf: 4 });
          },
          undefined,
        ],
      ];

      test.each(pending)("sees the earlier writes of the unit: %s", async (_name, write, expected) => {
        await given(item(a, { note: "old" }), item(b));
        const seen = await found((writer) => {
          write(writer);
          return writer.find(contractItems, { id: c });
        });
        expect(seen).toEqual(expected);
        expect((await items()).find(({ id }) => id === c)).toEqual(expected);
      });

      test("sees columns that createOrUpdate did not change", async () => {
        await given(item(a, { note: "stays" }));
        const seen = await found((writer) => {
          writer.createOrUpdate(contractItems, { ...withoutNote, name: "new" });
          return writer.find(contractItems, { id: a });
        });
        expect(seen).toEqual(item(a, { name: "new", note: "stays" }));
      });

      test("sees the writes of the unit by other columns", async () => {
        await given(item(a));
        const seen = await found((writer) => {
          writer.update(contractItems, { id: a }, { note: "findable" });
          return writer.find(contractItems, { note: "findable" });
        });
        expect(seen).toEqual(item(a, { note: "findable" }));
      });

      test("between writes keeps their order", async () => {
        await engine.unit(async (writer) => {
          writer.create(contractItems, item(a));
          writer.update(contractItems, { id: a }, { count: increment(1) });
          const first = await writer.find(contractItems, { id: a });
          writer.update(contractItems, { shelf: 1 }, { count: increment(10) });
          const second = await writer.find(contractItems, { name: "item" });
          writer.update(contractItems, { id: a }, { note: `${first?.count} ${second?.count}` });
        });
        expect(await items()).toEqual([item(a, { count: 11, note: "1 11" })]);
      });

      test("returns a row that can be changed without changing the table", async () => {
        await given(item(a));
        await engine.unit(async (writer) => {
          writer.create(contractItems, item(b));
          for (const id of [a, b]) {
            const row = await writer.find(contractItems, { id });
            if (row) Object.assign(row, { name: "mine" });
          }
        });
        expect(await items()).toEqual([item(a), item(b)]);
      });
    });

    describe("a json column", () => {
      type Document = RowOf<typeof contractDocuments>;
      const settings: Settings = {
        tags: ["a", "'\"\\ \n\t {},"],
        sizes: { é: 1.5, none: null },
        deep: [[null], []],
      };

      async function documents(): Promise<Document[]> {
        const rows = (await engine.rowsOf(contractDocuments)) as Document[];
        return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
      }

      test("holds any value that was put into it", async () => {
        const values = [
          "text",
          "",
          "[object Object]",
          "null",
          "\\N",
          7,
          -1.5e-7,
          1e21,
          true,
          false,
          {},
          [],
          [null],
        ];
        const rows = values.map((anything) => ({ id: newId(), settings, anything }));
        await engine.unit((writer) => {
          for (const row of rows) writer.create(contractDocuments, row);
        });
        expect(await documents()).toStrictEqual(rows);
        for (const row of rows)
          expect(await found((writer) => writer.find(contractDocuments, { id: row.id }))).toStrictEqual(row);
      });

      test("is the same in the unit that wrote it and later", async () => {
        const odd = { tags: [], zero: -0, missing: undefined } as Settings;
        const seen = await found((writer) => {
          writer.create(contractDocuments, { id: a, settings: odd });
          return writer.find(contractDocuments, { id: a });
        });
        expect(seen).toStrictEqual({ id: a, settings: { tags: [], zero: 0 }, anything: null });
        expect(await documents()).toStrictEqual([seen]);
      });

      test("is empty if it is null, which is no value of json", async () => {
        await engine.unit((writer) => {
          writer.create(contractDocuments, { id: a, settings, anything: 1 });
          writer.create(contractDocuments, { id: b, settings, anything: 2 });
        });
        await engine.unit((writer) => writer.update(contractDocuments, { id: a }, { anything: null }));
        await engine.unit((writer) => {
          writer.createOrUpdate(contractDocuments, { id: b, settings: { tags: [] }, anything: [null] });
          writer.createOrUpdate(contractDocuments, { id: c, settings, anything: null });
        });
        expect(await documents()).toStrictEqual([
          { id: a, settings, anything: null },
          { id: b, settings: { tags: [] }, anything: [null] },
          { id: c, settings, anything: null },
        ]);
        const lacking = { id: newId(), settings: null as unknown as Settings };
        await expect(engine.unit((writer) => writer.create(contractDocuments, lacking))).rejects.toThrow();
      });

      test("keeps its value, even if the given object changes afterwards", async () => {
        const tags = ["a"];
        await engine.unit(async (writer) => {
          writer.create(contractDocuments, { id: a, settings: { tags } });
          tags.push("b");
          const row = await writer.find(contractDocuments, { id: a });
          (row?.settings.tags as string[] | undefined)?.push("c");
          writer.update(contractDocuments, { id: a }, { anything: { tags } });
          tags.push("d");
        });
        expect(await documents()).toEqual([
          { id: a, settings: { tags: ["a"] }, anything: { tags: ["a", "b"] } },
        ]);
      });

      test("returns any json, at once and later", async () => {
        const text = fc
          .string({ unit: "binary" })
          .filter((each) => each.isWellFormed() && !each.includes("\0"));
        const json = fc.jsonValue({ stringUnit: text as never }).filter((each) => each !== null);
        await fc.assert(
          fc.asyncProperty(fc.array(json, { minLength: 1, maxLength: 5 }), async (values) => {
            engine = await open();
            const rows = values.map((value) => ({
              id: newId(),
              settings,
              anything: value as Document["anything"],
            }));
            const seen = await found(async (writer) => {
              for (const row of rows) writer.create(contractDocuments, row);
              return Promise.all(rows.map(({ id }) => writer.find(contractDocuments, { id })));
            });
            expect(await documents()).toEqual(seen);
            expect(seen).toEqual(JSON.parse(JSON.stringify(rows)));
          }),
          { numRuns: 60 },
        );
      });
    });

    describe("a decimal and a bigint column", () => {
      type Sum = RowOf<typeof contractSums>;
      const sum = (values: Partial<Sum> = {}): Sum => ({
        number: "1",
        amount: "0",
        views: null,
        rest: null,
        ...values,
      });

      async function sums(): Promise<Sum[]> {
        const rows = (await engine.rowsOf(contractSums)) as Sum[];
        return rows.toSorted((one, other) => Number(BigInt(one.number) - BigInt(other.number)));
      }

      async function stored(...rows: Sum[]): Promise<void> {
        await engine.unit((writer) => {
          for (const row of rows) writer.create(contractSums, row);
        });
      }

      test("hold every digit", async () => {
        const amounts = ["1234.50", "-0.10", "0.00", "9".repeat(200), `0.${"0".repeat(150)}1`, "0.1"];
        const rows = amounts.map((amount, index) =>
          sum({ number: `${index}`, amount, rest: amount, views: "-9223372036854775808" }),
        );
        rows.push(sum({ number: "9223372036854775807", views: "9007199254740993" }));
        await stored(...rows);
        expect(await sums()).toStrictEqual(rows);
        for (const row of rows) {
          const { number } = row;
          expect(await found((writer) => writer.find(contractSums, { number }))).toStrictEqual(row);
        }
      });

      test("have one spelling, at once and later", async () => {
        const seen = await found(async (writer) => {
          writer.create(contractSums, { number: "+007", amount: "-00.00", views: "-0", rest: "+01.50" });
          writer.update(contractSums, { number: "07" }, { views: "-08" });
          return writer.find(contractSums, { number: "00007" });
        });
        expect(seen).toStrictEqual({ number: "7", amount: "0.00", views: "-8", rest: "1.50" });
        expect(await sums()).toStrictEqual([seen]);
        await engine.unit((writer) => writer.delete(contractSums, { views: "-0008" }));
        expect(await sums()).toEqual([]);
      });

      test("refuse other values, naming the column", async () => {
        for (const amount of ["1e3", "NaN", "Infinity", ".5", "1.", " 1", "1,5", "", 1.5, 1n, null])
          await expect(stored(sum({ amount: amount as string }))).rejects.toThrow(/amount/);
        for (const views of ["1.0", "1e3", "0x1", " 1", "", 1.5, Number.MAX_VALUE])
          await expect(stored(sum({ views: views as string }))).rejects.toThrow(/views/);
        expect(await sums()).toEqual([]);
      });

      test("add up without rounding, within a unit and over several", async () => {
        await stored(sum({ amount: "0.1", views: "9007199254740992" }));
        await engine.unit((writer) => {
          writer.update(contractSums, { number: "1" }, { amount: increment("0.20"), views: increment(1) });
          writer.update(contractSums, { number: "1" }, { amount: increment("-1.5"), views: increment("-3") });
          writer.update(contractSums, { number: "1" }, { rest: increment("1.5") });
          writer.create(contractSums, sum({ number: "2", amount: "-0.05", views: "1", rest: "1" }));
          writer.update(
            contractSums,
            { number: "2" },
            { amount: increment("0.050"), views: increment("-1"), rest: increment("+0.5") },
          );
        });
        expect(await sums()).toStrictEqual([
          sum({ amount: "-1.20", views: "9007199254740990" }),
          sum({ number: "2", amount: "0.000", views: "0", rest: "1.5" }),
        ]);
      });

      test("add up like Postgres, whatever the numbers", async () => {
        const number = fc
          .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.integer({ min: 0, max: 45 }))
          .map(([isNegative, digits, places]) => {
            const text = String(digits).padStart(places + 1, "0");
            const point = text.length - places;
            return (isNegative ? "-" : "") + text.slice(0, point) + (places ? `.${text.slice(point)}` : "");
          });
        await fc.assert(
          fc.asyncProperty(number, fc.array(number, { minLength: 1, maxLength: 4 }), async (first, added) => {
            engine = await open();
            await stored(sum({ rest: first, number: "2" }));
            await engine.unit((writer) => {
              writer.create(contractSums, sum({ rest: first }));
              for (const by of added) writer.update(contractSums, { number: "1" }, { rest: increment(by) });
            });
            for (const by of added)
              await engine.unit((writer) =>
                writer.update(contractSums, { number: "2" }, { rest: increment(by) }),
              );
            const [one, other] = await sums();
            expect(one?.rest).toBe(other?.rest);
          }),
          { numRuns: 40 },
        );
      });
    });

    describe("a list column", () => {
      type Lists = RowOf<typeof contractLists>;
      const none = {
        texts: [],
        maybe: null,
        ids: [],
        integers: [],
        bigints: [],
        decimals: [],
        booleans: [],
        days: [],
        times: [],
      };
      const nasty = [
        "",
        "null",
        "NULL",
        "{}",
        "{",
        ",",
        "a,b",
        '"',
        "\\",
        '\\"',
        "'",
        " a ",
        "a\nb\r\t",
        "é 🎈",
        "\\N",
        "[1]",
      ];

      async function lists(): Promise<Lists[]> {
        const rows = (await engine.rowsOf(contractLists)) as Lists[];
        return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
      }

      test("holds values of every type, or no values", async () => {
        const full: Lists = {
          id: a,
          texts: nasty,
          maybe: [null, ...nasty, null],
          ids: [b, c],
          integers: [0, -2147483648, 2147483647],
          bigints: ["9223372036854775807", "-9007199254740993", "0"],
          decimals: ["1234.50", null, "0.00", `-${"9".repeat(50)}.10`],
          booleans: [true, false],
          days: ["2026-02-28", "0001-01-01", "9999-12-31"],
          times: [changed_at, new Date(0), new Date("0099-01-01T00:00:00.000Z")],
        };
        const rows = [full, { ...none, id: b }, { ...none, id: c, maybe: [] }];
        await engine.unit((writer) => {
          for (const row of rows) writer.create(contractLists, row);
        });
        expect(await lists()).toStrictEqual(rows);
        for (const row of rows)
          expect(await found((writer) => writer.find(contractLists, { id: row.id }))).toStrictEqual(row);
      });

      test("is changed as a whole", async () => {
        await engine.unit((writer) => writer.create(contractLists, { ...none, id: a, texts: ["a"] }));
        await engine.unit(async (writer) => {
          writer.update(contractLists, { id: a }, { maybe: [null], integers: [-0, 1] });
          const row = await writer.find(contractLists, { id: a });
          writer.update(contractLists, { id: a }, { texts: [...(row?.texts ?? []), "b"], maybe: null });
          writer.createOrUpdate(contractLists, { ...none, id: b, texts: nasty });
        });
        expect(await lists()).toStrictEqual([
          { ...none, id: a, texts: ["a", "b"], integers: [0, 1] },
          { ...none, id: b, texts: nasty },
        ]);
      });

      test("is the same in the unit that wrote it and later, and is a copy", async () => {
        const texts = ["a"];
        const seen = await found(async (writer) => {
          writer.create(contractLists, {
            ...none,
            id: a,
            texts,
            decimals: ["+01.50", "-0"],
            integers: [-0],
          });
          texts.push("b");
          const row = await writer.find(contractLists, { id: a });
          (row?.texts as string[] | undefined)?.push("c");
          return writer.find(contractLists, { id: a });
        });
        expect(seen).toStrictEqual({ ...none, id: a, texts: ["a"], decimals: ["1.50", "0"], integers: [0] });
        expect(await lists()).toStrictEqual([seen]);
      });

      test("refuses other values, naming the column", async () => {
        const store = (values: object) =>
          engine.unit((writer) => writer.create(contractLists, { ...none, id: a, ...values }));
        await expect(store({ texts: ["a", null] })).rejects.toThrow(/texts/);
        await expect(store({ texts: "a" })).rejects.toThrow(/texts/);
        await expect(store({ decimals: ["x"] })).rejects.toThrow(/decimals/);
        await expect(store({ texts: null })).rejects.toThrow(/texts/);
        expect(await lists()).toEqual([]);
      });

      test("returns any texts, at once and later", async () => {
        const text = fc
          .string({ unit: "binary" })
          .filter((each) => each.isWellFormed() && !each.includes("\0"));
        const list = fc.array(fc.option(fc.oneof(text, fc.constantFrom(...nasty))), { maxLength: 5 });
        await fc.assert(
          fc.asyncProperty(fc.array(list, { minLength: 1, maxLength: 4 }), async (values) => {
            engine = await open();
            const rows = values.map((maybe) => ({ ...none, id: newId(), maybe }));
            const seen = await found(async (writer) => {
              for (const row of rows) writer.create(contractLists, row);
              return Promise.all(rows.map(({ id }) => writer.find(contractLists, { id })));
            });
            expect(seen).toStrictEqual(rows);
            expect(await lists()).toStrictEqual(rows);
          }),
          { numRuns: 60 },
        );
      });
    });

    describe("a unit that fails", () => {
      test("leaves none of its writes, even if it had to search in between", async () => {
        await given(item(a));
        const failing = engine.unit(async (writer) => {
          writer.update(contractItems, { id: a }, { name: "half" });
          writer.create(contractItems, item(b));
          await writer.find(contractItems, { shelf: 1 });
          writer.delete(contractItems, { shelf: 1 });
          await writer.find(contractItems, { shelf: 1 });
          throw new Error("the projector fails");
        });
        await expect(failing).rejects.toThrow("the projector fails");
        expect(await items()).toEqual([item(a)]);
      });
    });

    describe("changes happen in the order in which they were written", () => {
      test("one row next to many, many next to one", async () => {
        await given(item(a), item(b));
        await engine.unit((writer) => {
          writer.update(contractItems, { id: a }, { shelf: 2 });
          writer.update(contractItems, { shelf: 2 }, { name: "second" });
          writer.update(contractItems, { id: a }, { name: "third" });
          writer.update(contractItems, { shelf: 1 }, { name: "fourth" });
          writer.create(contractItems, item(c));
        });
        expect((await items()).map(({ name }) => name)).toEqual(["third", "fourth", "item"]);
      });

      test("whatever they are: random units lead to the same rows as a simple model", async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(fc.array(step, { maxLength: 7 }), { maxLength: 3 }), async (units) => {
            engine = await open();
            const model = new Map<string, Item>();
            for (const steps of units) {
              await engine.unit(async (writer) => {
                for (const each of steps) await perform(each, writer, model);
              });
            }
            const expected = [...model.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
            expect(await items()).toEqual(expected);
          }),
          { numRuns: 60 },
        );
      });
    });
  });
}

type Step = {
  kind: "create" | "upsert" | "rename" | "add" | "shelve" | "move" | "delete" | "clear" | "find";
  id: string;
  to: string;
  shelf: number;
};

const ids = fc.constantFrom(a, b, c);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("create", "upsert", "rename", "add", "shelve", "move", "delete", "clear", "find"),
  id: ids,
  to: ids,
  shelf: fc.integer({ min: 1, max: 2 }),
});

export const steps = fc.array(step, { maxLength: 7 });

export async function performSteps(
  some: readonly Step[],
  writer: RowWriter,
  model: Map<string, Item>,
): Promise<void> {
  for (const each of some) await perform(each, writer, model);
}

/** Makes the same changes in the persistor and in the model, which makes each of them immediately. */
async function perform(
  { kind, id, to, shelf }: Step,
  writer: RowWriter,
  model: Map<string, Item>,
): Promise<void> {
  const old = model.get(id);
  const change = (changes: Partial<Item>) => old && model.set(id, { ...old, ...changes });
  switch (kind) {
    case "create":
      if (old) return;
      writer.create(contractItems, item(id, { shelf }));
      model.set(id, item(id, { shelf }));
      return;
    case "upsert":
      writer.createOrUpdate(contractItems, item(id, { name: `shelf ${shelf}`, shelf }));
      model.set(id, item(id, { name: `shelf ${shelf}`, shelf }));
      return;
    case "rename":
      writer.update(contractItems, { id }, { name: `called ${to}` });
      change({ name: `called ${to}` });
      return;
    case "add":
      writer.update(contractItems, { id }, { count: increment(shelf) });
      if (old) change({ count: old.count + shelf });
      return;
    case "shelve":
      writer.update(contractItems, { shelf }, { shelf: 3 - shelf, count: increment(1) });
      for (const row of [...model.values()].filter((each) => each.shelf === shelf))
        model.set(row.id, { ...row, shelf: 3 - shelf, count: row.count + 1 });
      return;
    case "move":
      if (model.has(to)) return;
      writer.update(contractItems, { id }, { id: to });
      if (old) model.set(to, { ...old, id: to });
      model.delete(id);
      return;
    case "delete":
      writer.delete(contractItems, { id });
      model.delete(id);
      return;
    case "clear":
      writer.delete(contractItems, { shelf });
      for (const row of [...model.values()]) if (row.shelf === shelf) model.delete(row.id);
      return;
    case "find":
      expect(await writer.find(contractItems, { id })).toEqual(old);
  }
}
