import { escaped, lineChart, ratioChart } from "./charts.ts";
import type { Breakdown } from "./figures.ts";
import { type Figure, isMet } from "./figures.ts";
import type { Series } from "./lab.ts";
import { breakdownRows, cellsOf, headings } from "./table.ts";

/** A run of the bench, as the files in `bench/results/` have it. */
export interface Results {
  readonly at: string;
  readonly machine: string;
  readonly database: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly figures: readonly Figure[];
  readonly series: readonly Series[];
  readonly breakdowns: readonly Breakdown[];
  readonly notes: readonly string[];
}

/** The results as one page, without other files. */
export function pageOf({
  figures,
  series,
  breakdowns,
  notes,
  at,
  machine,
  database,
  rounds,
  seconds,
}: Results): string {
  const parts = [...new Set(figures.map(({ part }) => part))];
  const wanted = figures.filter(({ target }) => target);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>How fast the blog is</title>
<style>${style}</style>
</head>
<body>
<h1>How fast the blog is</h1>
<p>${wanted.filter(isMet).length} of ${wanted.length} targets met · ${escaped(at)} · ${escaped(machine)} · ${escaped(database)} ·
${rounds} rounds in ${Math.round(seconds)} seconds</p>
<p>Each bar is a ratio to a yardstick that was measured in turns with us; 1 × is as much as it. A dot is one round, the
bar their median, the upright line the target. For rates, longer to the right is better; for times and memory, to the left.</p>
${notes.length > 0 ? `<ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join("")}</ul>` : ""}
${parts
  .map((part) =>
    sectionOf(
      part,
      figures.filter((figure) => figure.part === part),
    ),
  )
  .join("\n")}
${series.map((each) => `<h2>${escaped(each.name)}</h2>\n${lineChart(each)}`).join("\n")}
${breakdowns.length > 0 ? `<h2>Where the time goes</h2>\n${breakdownsOf(breakdowns)}` : ""}
</body>
</html>
`;
}

function sectionOf(part: string, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const cells = cellsOf(figure).map((cell) => `<td>${escaped(cell)}</td>`);
    return `<tr class="${isMet(figure) ? "" : "missed"}">${cells.join("")}</tr>`;
  });
  return `<h2>${escaped(part)}</h2>
${ratioChart(figures)}
<details><summary>Figures</summary><div class="wide"><table>
<tr>${headings.map((heading) => `<th>${heading}</th>`).join("")}</tr>
${rows.join("\n")}
</table></div></details>`;
}

function breakdownsOf(breakdowns: readonly Breakdown[]): string {
  const [headings = [], , ...rows] = breakdownRows(breakdowns);
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table>${cells(headings, "th")}${rows.map((row) => cells(row, "td")).join("")}</table></div>`;
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1c2430, #e4e8ee); --faint: light-dark(#d8dde4, #3a4350);
  --dim: light-dark(#5b6674, #9aa6b4); --good: light-dark(#2f7d5b, #58b58a); --bad: light-dark(#b4472e, #e0785e);
  --plain: light-dark(#7b8ea8, #7f95b3); background: light-dark(#fff, #161b22); color: var(--ink); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin: 2rem 0 .5rem; text-transform: capitalize; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } .what, .against { text-anchor: end; }
svg .against, svg .scale { fill: var(--dim); font-size: 10px; } .scale { text-anchor: middle; }
.ratio { font-weight: 600; } .grid { stroke: var(--faint); } .one { stroke: var(--dim); }
rect.met { fill: var(--good); } rect.missed { fill: var(--bad); } rect.plain { fill: var(--plain); }
.round { fill: var(--ink); opacity: .55; } .target { stroke: var(--ink); stroke-width: 2; }
polyline { fill: none; stroke: var(--good); stroke-width: 2; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid var(--faint); white-space: nowrap; }
tr.missed td:nth-child(3) { color: var(--bad); }`;
