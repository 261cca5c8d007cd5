import { expect, test } from "vitest";
import { baselineOf, lossesOf } from "../../../bench/harness/baseline.ts";
import type { Figure } from "../../../bench/harness/figures.ts";

const rate: Figure = {
  part: "writes",
  what: "AddPost",
  against: "bare pg",
  unit: "/s",
  ours: 900,
  yardstick: 1_000,
  ratio: 0.9,
  rounds: [0.9],
};
const time: Figure = { ...rate, part: "load", what: "a long history", unit: "ms", ratio: 1.2 };
const baseline = baselineOf([rate, time]);

test("nothing is lost if all ratios are the same, better, or a little worse", () => {
  expect(lossesOf([rate, time], baseline)).toEqual([]);
  expect(
    lossesOf(
      [
        { ...rate, ratio: 3 },
        { ...time, ratio: 0.4 },
      ],
      baseline,
    ),
  ).toEqual([]);
  expect(
    lossesOf(
      [
        { ...rate, ratio: 0.61 },
        { ...time, ratio: 1.79 },
      ],
      baseline,
    ),
  ).toEqual([]);
});

test("a rate that lost more than a third of its ratio is reported with both ratios", () => {
  const [loss, ...others] = lossesOf([{ ...rate, ratio: 0.59 }, time], baseline);
  expect(loss?.text).toBe("writes: AddPost / bare pg: 0.59 × now, 0.90 × before (34 % lost)");
  expect(loss?.part).toBe("writes");
  expect(others).toEqual([]);
});

test("a time that takes half as long again, compared with its yardstick, is a loss, too", () => {
  expect(lossesOf([rate, { ...time, ratio: 1.81 }], baseline)).toHaveLength(1);
});

test("what is not measured any more is a loss, because nobody would notice it", () => {
  expect(lossesOf([rate], baseline).map(({ text }) => text)).toEqual([
    "load: a long history / bare pg: is not measured any more.",
  ]);
});

test("what is measured against a limit of the machine is not kept", () => {
  expect(baselineOf([{ ...time, fixed: true }])).toEqual({});
});

test("what could not be measured is a loss", () => {
  expect(lossesOf([{ ...rate, ratio: Number.NaN }, time], baseline)).toHaveLength(1);
});
