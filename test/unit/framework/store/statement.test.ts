import type pg from "pg";
import { describe, expect, test } from "vitest";
import { increment } from "#sequent";
import { newId } from "#sequent/operations";
import type { RowChange, Values } from "../../../../src/framework/projections/row-change.ts";
import { Connection } from "../../../../src/framework/store/postgres/connections.ts";
import { writeStatement } from "../../../../src/framework/store/postgres/store-statement.ts";
import { contractItems } from "../projections/persistor-contract.ts";

const update = (changes: Values): RowChange => ({
  kind: "update",
  table: contractItems,
  where: { id: newId() },
  changes,
});

describe("a prepared statement", () => {
  test("is the same for the same kinds of changes, whatever their order", () => {
    const rename = update({ name: "a", note: "b" });
    const renameToo = update({ note: "b", name: "a" });
    const count = update({ count: increment(1) });
    const remove: RowChange = { kind: "delete", table: contractItems, where: { shelf: 1, name: "a" } };
    const removeToo: RowChange = { kind: "delete", table: contractItems, where: { name: "a", shelf: 1 } };
    expect(writeStatement([rename, count, remove]).text).toBe(
      writeStatement([removeToo, count, renameToo]).text,
    );
  });

  test("is not kept after a limit: later ones run unprepared", async () => {
    const names: string[] = [];
    const query = async ({ name = "" }: pg.QueryConfig) => names.push(name);
    const connection = new Connection({ query } as unknown as pg.Client);
    const ask = (number: number) => connection.query({ text: `select ${number}`, values: [] });
    for (let number = 0; number < 1_200; number += 1) await ask(number);
    const prepared = new Set(names.filter((name) => name !== ""));
    expect(prepared.size).toBeLessThanOrEqual(1_000);
    expect(names.at(-1)).toBe("");
    await ask(0);
    expect(names.at(-1)).toBe(names[0]);
  });
});
