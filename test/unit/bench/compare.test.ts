import { expect, test } from "vitest";
import { compare } from "../../../bench/harness/compare.ts";
import { isMet } from "../../../bench/harness/figures.ts";

test("contenders run in turn, forwards and backwards, and the first round does not count", async () => {
  const turns: string[] = [];
  const contender = (name: string, values: readonly number[]) => async () => {
    turns.push(name);
    return values[turns.filter((turn) => turn === name).length - 1] ?? 0;
  };
  const [figure] = await compare(
    "part",
    {
      contenders: { blog: contender("blog", [999, 10, 30, 20]), pg: contender("pg", [1, 20, 40, 10]) },
      figures: [
        {
          what: "work",
          ours: "blog",
          yardstick: "pg",
          against: "pg",
          unit: "/s",
          of: (value) => value,
          target: { atLeast: 0.8 },
        },
      ],
    },
    { rounds: 3 },
  );
  expect(turns).toEqual(["pg", "blog", "blog", "pg", "pg", "blog", "blog", "pg"]);
  expect(figure).toMatchObject({ rounds: [0.5, 0.75, 2], ratio: 0.75, ours: 20, yardstick: 20 });
  expect(figure && isMet(figure)).toBe(false);
});

test("a contender that cannot run here is left out, with its figures", async () => {
  const figures = await compare(
    "part",
    {
      contenders: { blog: async () => 1, pgbench: undefined },
      figures: [
        {
          what: "work",
          ours: "blog",
          yardstick: "pgbench",
          against: "pgbench",
          unit: "/s",
          of: (value: number) => value,
        },
      ],
    },
    { rounds: 1 },
  );
  expect(figures).toEqual([]);
});
