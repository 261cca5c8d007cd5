import { type Breakdown, type Figure, isMet, type Target } from "./figures.ts";

export const headings = ["ratio", "target", "", "what", "ours", "yardstick", "against"] as const;

/** All figures as text, ratios first. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(cellsOf);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column < 2 || column === 4 || column === 5
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [line(headings), ...rows.map(line)].join("\n");
}

/** The shares of several things, side by side. */
export function breakdownTable(breakdowns: readonly Breakdown[]): string {
  return breakdownRows(breakdowns)
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

/** The first row has the headings, the last the sums. */
export function breakdownRows(breakdowns: readonly Breakdown[]): string[][] {
  const names = [...new Set(breakdowns.flatMap(({ parts }) => Object.keys(parts)))];
  const partOf = ({ parts }: Breakdown, name: string) => parts[name] ?? 0;
  const sumOf = ({ parts }: Breakdown) => Object.values(parts).reduce((sum, part) => sum + part, 0);
  return [
    [breakdowns[0]?.unit ?? "", ...breakdowns.map(({ what }) => what)],
    ["---", ...breakdowns.map(() => "---:")],
    ...names.map((name) => [name, ...breakdowns.map((each) => Math.round(partOf(each, name)).toString())]),
    ["sum", ...breakdowns.map((each) => Math.round(sumOf(each)).toString())],
  ];
}

export function lineOf(figure: Figure): string {
  return cellsOf(figure).filter(Boolean).join("  ");
}

export function cellsOf(figure: Figure): string[] {
  const { part, what, ratio, ours, yardstick, against, target, unit } = figure;
  return [
    `${rounded(ratio)} ×`,
    target ? textOf(target) : "",
    target ? (isMet(figure) ? "met" : "NOT MET") : "",
    `${part}: ${what}`,
    `${rounded(ours)} ${unit}`,
    `${rounded(yardstick)} ${unit}`,
    against,
  ];
}

export function textOf(target: Target): string {
  return "atLeast" in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

export function rounded(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
