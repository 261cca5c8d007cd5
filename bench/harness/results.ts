import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { pageOf, type Results } from "./page.ts";
import type { Run } from "./run.ts";

const directory = new URL("../results/", import.meta.url);

/** Returns the names of the files. */
export async function writeResults(results: Results): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const json = new URL("bench.json", directory);
  const html = new URL("bench.html", directory);
  await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(html, pageOf(results));
  return [json, html].map((file) => fileURLToPath(file));
}

export function describeRun(run: Run): Results {
  const { figures, series, breakdowns, notes, seconds } = run;
  const { rounds } = run.options;
  const at = new Date().toISOString();
  return {
    at,
    machine: machine(),
    database: `Postgres at ${new URL(process.env["DATABASE_URL"] ?? "").host}`,
    rounds,
    seconds,
    figures,
    series,
    breakdowns,
    notes,
  };
}

function machine(): string {
  const [first] = cpus();
  return `Node ${process.versions.node}, ${cpus().length} × ${first?.model.trim() ?? "unknown processor"}`;
}

/** Other programs on this machine slow the blog and the yardsticks, but not equally. */
export function busyBefore(): string | undefined {
  const [lastMinute = 0] = loadavg();
  if (lastMinute < 0.7 * cpus().length) return undefined;
  return `The machine was busy before this began (load ${lastMinute.toFixed(1)} on ${cpus().length} cores): ratios are rough, and limits of time and memory mean little.`;
}
