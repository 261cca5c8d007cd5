import { describe, expect, test } from "vitest";
import { column, increment, nullable, table } from "#sequent";
import { EventTypes, InMemoryEventStore, newId } from "#sequent/operations";
import { LivePersistor } from "../../../../src/framework/projections/live-persistor.ts";
import type { RowChange } from "../../../../src/framework/projections/row-change.ts";
import { livePersistorEngine } from "../support/live-persistor-engine.ts";
import { RowWriter } from "../support/row-writer.ts";
import { describePersistor } from "./persistor-contract.ts";

describePersistor("the live persistor in memory", async () => {
  const store = new InMemoryEventStore(new EventTypes([]));
  return livePersistorEngine(store, async (each) => store.rows.all(each));
});

const notes = table("notes", {
  columns: { id: column.uuid, text: column.text, likes: column.integer, tag: nullable(column.text) },
  primaryKey: ["id"],
});

describe("the live persistor sends as little as it can", () => {
  const [first, second] = [newId(), newId()];
  const note = (id: string) => ({ id, text: "old", likes: 0 });

  /** What was sent early, how often something was read, and what is sent with the events. */
  async function sent(write: (writer: RowWriter) => unknown) {
    const ahead: RowChange[][] = [];
    let reads = 0;
    const persistor = new LivePersistor({
      readRow: async () => {
        reads += 1;
        return undefined;
      },
      write: async (changes) => void (changes.length > 0 && ahead.push([...changes])),
    });
    await write(new RowWriter(persistor));
    const last = await persistor.takeRemainingChanges();
    return { ahead: ahead.map(inShort), reads, last: inShort(last) };
  }

  const inShort = (changes: readonly RowChange[]) =>
    changes.map((change) => [
      change.kind,
      "values" in change ? change.values : change.kind === "update" ? change.changes : {},
    ]);

  test("all writes to one row become one change", async () => {
    expect(
      await sent((writer) => {
        writer.create(notes, note(first));
        writer.update(notes, { id: first }, { text: "new" });
        writer.update(notes, { id: first }, { likes: increment(2) });
        writer.update(notes, { id: second }, { likes: increment(1), text: "a" });
        writer.update(notes, { id: second }, { likes: increment(1), text: "b" });
      }),
    ).toEqual({
      ahead: [],
      reads: 0,
      last: [
        ["insert", { id: first, text: "new", likes: 2, tag: null }],
        ["update", { likes: increment(2), text: "b" }],
      ],
    });
  });

  test("an update before a delete is not sent", async () => {
    expect(
      await sent((writer) => {
        writer.update(notes, { id: first }, { text: "new" });
        writer.delete(notes, { id: first });
      }),
    ).toEqual({ ahead: [], reads: 0, last: [["delete", {}]] });
  });

  test("another row of the table is found without sending anything early", async () => {
    const { reads, ahead } = await sent(async (writer) => {
      writer.create(notes, note(first));
      await writer.find(notes, { id: second });
    });
    expect([reads, ahead]).toEqual([1, []]);
  });

  test("a row that the unit created is found without asking the database", async () => {
    const { reads, ahead } = await sent(async (writer) => {
      writer.create(notes, note(first));
      expect(await writer.find(notes, { id: first })).toEqual({ ...note(first), tag: null });
    });
    expect([reads, ahead]).toEqual([0, []]);
  });

  test("a row that the unit did not write is read without writing anything first", async () => {
    const others = table("others", { columns: { id: column.uuid }, primaryKey: ["id"] });
    const { reads, ahead, last } = await sent(async (writer) => {
      writer.create(notes, note(first));
      await writer.find(others, { id: first });
    });
    expect([reads, ahead, last.length]).toEqual([1, [], 1]);
  });

  test("only changes that others depend on are sent before the end", async () => {
    const { ahead, last } = await sent((writer) => {
      writer.create(notes, note(first));
      writer.update(notes, { text: "old" }, { text: "new" });
      writer.create(notes, note(second));
    });
    expect(ahead.map((changes) => changes.map(([kind]) => kind))).toEqual([["insert"], ["update"]]);
    expect(last.map(([kind]) => kind)).toEqual(["insert"]);
  });

  test("a change of a key is sent by itself, because others may mean the old key or the new one", async () => {
    const { ahead, last } = await sent((writer) => {
      writer.update(notes, { id: first }, { text: "before" });
      writer.update(notes, { id: first }, { id: second });
      writer.update(notes, { id: second }, { text: "after" });
    });
    expect(ahead).toEqual([[["update", { text: "before" }]], [["update", { id: second }]]]);
    expect(last).toEqual([["update", { text: "after" }]]);
  });

  test("if nothing was written, nothing is sent", async () => {
    expect(await sent(() => {})).toEqual({ ahead: [], reads: 0, last: [] });
  });
});
