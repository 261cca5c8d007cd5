import { type Figure, isMet } from "./figures.ts";
import type { Series } from "./lab.ts";
import { rounded, textOf } from "./table.ts";

const width = 860;
const [labels, row] = [390, 34];

/** A bar for each ratio, a dot for each round, and a line at the target. Each step of the scale is a doubling. */
export function ratioChart(figures: readonly Figure[]): string {
  const height = figures.length * row + 30;
  const least = 2 ** Math.floor(Math.log2(Math.min(0.5, ...figures.flatMap(valuesOf))));
  const most = 2 ** Math.ceil(Math.log2(Math.max(2, ...figures.flatMap(valuesOf))));
  const x = (ratio: number) =>
    labels +
    ((Math.log2(ratio) - Math.log2(least)) / (Math.log2(most) - Math.log2(least))) * (width - labels - 80);
  const steps = Array.from({ length: Math.log2(most / least) + 1 }, (_, step) => least * 2 ** step);
  const every = Math.ceil(steps.length / 9);
  const grid = steps
    .filter((_, index) => index % every === 0)
    .map(
      (step) =>
        `<line class="${step === 1 ? "one" : "grid"}" x1="${x(step)}" x2="${x(step)}" y1="0" y2="${height - 24}"/>` +
        `<text class="scale" x="${x(step)}" y="${height - 8}">${step} ×</text>`,
    );
  const bars = figures.map((figure, index) => barOf(figure, index * row, x));
  return svg(height, "Ratios to the yardsticks", [...grid, ...bars]);
}

function barOf(figure: Figure, y: number, x: (ratio: number) => number): string {
  const [from, to] = [x(1), x(figure.ratio)].sort((one, other) => one - other) as [number, number];
  const kind = figure.target ? (isMet(figure) ? "met" : "missed") : "plain";
  const dots = figure.rounds
    .filter((ratio) => ratio > 0)
    .map((ratio) => `<circle class="round" cx="${x(ratio)}" cy="${y + 15}" r="2"/>`);
  const target =
    figure.target && x("atLeast" in figure.target ? figure.target.atLeast : figure.target.atMost);
  return [
    `<text class="what" x="${labels - 10}" y="${y + 13}">${escaped(figure.what)}</text>`,
    `<text class="against" x="${labels - 10}" y="${y + 26}">${escaped(figure.against)}</text>`,
    `<rect class="${kind}" x="${from}" y="${y + 7}" width="${Math.max(to - from, 1)}" height="16" rx="2"/>`,
    ...dots,
    target && figure.target
      ? `<line class="target" x1="${target}" x2="${target}" y1="${y + 3}" y2="${y + 27}"><title>target ${textOf(figure.target)}</title></line>`
      : "",
    `<text class="ratio" x="${width - 70}" y="${y + 20}">${rounded(figure.ratio)} ×</text>`,
  ].join("");
}

function valuesOf({ ratio, rounds, target }: Figure): number[] {
  const wanted = target ? ["atLeast" in target ? target.atLeast : target.atMost] : [];
  return [ratio, ...rounds, ...wanted].filter((value) => value > 0 && Number.isFinite(value));
}

/** A line over time, and another where the limit is. */
export function lineChart({ points, limit, unit, every, name }: Series): string {
  const height = 220;
  const most = 1.1 * Math.max(limit ?? 0, ...points);
  const x = (index: number) => 60 + (index / Math.max(points.length - 1, 1)) * (width - 80);
  const y = (value: number) => 10 + (1 - value / most) * (height - 40);
  const line = points.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const scale = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const value = Math.round((part * most) / 10) * 10;
    return `<line class="grid" x1="60" x2="${width - 20}" y1="${y(value)}" y2="${y(value)}"/><text class="what" x="52" y="${y(value) + 4}">${value} ${unit}</text>`;
  });
  return svg(height, name, [
    ...scale,
    limit ? `<line class="target" x1="60" x2="${width - 20}" y1="${y(limit)}" y2="${y(limit)}"/>` : "",
    `<polyline points="${line}"/>`,
    `<text class="scale" x="${width / 2}" y="${height - 4}">one point each ${escaped(every)}</text>`,
  ]);
}

function svg(height: number, label: string, content: readonly string[]): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">${content.join("\n")}</svg>`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
