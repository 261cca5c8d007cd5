import { command, NotUnderstood, Refused, wholeNumber } from "../src/bin/command.ts";
import { OwnServer } from "../test/support/own-server.ts";
import { keepBaseline, lossesOf, readBaseline } from "./harness/baseline.ts";
import { helpOf } from "./harness/help.ts";
import type { LabOptions } from "./harness/lab.ts";
import { Progress } from "./harness/progress.ts";
import { busyBefore, describeRun, writeResults } from "./harness/results.ts";
import { Run } from "./harness/run.ts";
import { dropLeftovers } from "./harness/store.ts";
import { breakdownTable, tableOf } from "./harness/table.ts";
import { type Part, parts } from "./parts.ts";

const accepts = {
  options: {
    rounds: { type: "string" },
    minutes: { type: "string" },
    quick: { type: "boolean" },
    compare: { type: "boolean" },
    keep: { type: "boolean" },
  },
  allowPositionals: true,
} as const;

await command(
  helpOf(parts),
  async ({ values: { rounds, minutes, quick = false, compare = false, keep = false }, positionals }) => {
    const chosen = choose(positionals, compare || keep);
    const server = await startServer();
    const run = await measure(chosen, {
      quick,
      rounds: rounds ? wholeNumber("--rounds", rounds) : quick ? 5 : 9,
      ms: quick ? 200 : 500,
      minutes: minutes ? wholeNumber("--minutes", minutes) : undefined,
    });
    await report(run);
    if (keep) await keepBaseline(run.figures);
    if (compare) await compareWithBaseline(run, chosen);
    await server?.remove();
  },
  accepts,
);
process.exit(); // even if a part has left something open

/** Without `DATABASE_URL`, the blog and the yardsticks use the embedded Postgres. */
async function startServer(): Promise<OwnServer | undefined> {
  if (process.env["DATABASE_URL"]) return undefined;
  const server = await OwnServer.create();
  process.once("exit", () => server.killNow());
  await server.start();
  process.env["DATABASE_URL"] = server.url;
  return server;
}

type Chosen = readonly [name: string, part: Part][];

function choose(names: readonly string[], checked: boolean): Chosen {
  const unknown = names.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length > 0) throw new NotUnderstood(`There is no part "${unknown.join(" ")}".`);
  return Object.entries(parts).filter(([name, part]) =>
    names.length > 0 ? names.includes(name) : checked ? part.checked : !part.extra,
  );
}

async function measure(chosen: Chosen, options: LabOptions): Promise<Run> {
  const progress = new Progress(chosen.reduce((sum, [, { seconds }]) => sum + seconds, 0));
  const run = new Run(options, progress);
  const busy = busyBefore();
  if (busy) run.notes.push(busy);
  const stop = async () => {
    await run.stop();
    process.exit(130);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop); // a terminal and the parent process may both send it
  await dropLeftovers();
  for (const [name, part] of chosen) await run.measure(name, part);
  process.off("SIGINT", stop).off("SIGTERM", stop);
  progress.end();
  return run;
}

async function report(run: Run): Promise<void> {
  if (run.figures.length > 0) console.log(`\n${tableOf(run.figures)}\n`);
  if (run.breakdowns.length > 0) console.log(`\n${breakdownTable(run.breakdowns)}\n`);
  for (const note of run.notes) console.log(note);
  console.log(`Written to ${(await writeResults(describeRun(run))).join(" and ")}`);
}

/** Measures losses again, because they may come from a slow moment of the machine. */
async function compareWithBaseline({ figures, options }: Run, chosen: Chosen): Promise<void> {
  const baseline = await readBaseline(chosen.map(([name]) => name));
  let losses = lossesOf(figures, baseline);
  for (let attempt = 1; attempt <= 2 && losses.length > 0; attempt += 1) {
    const suspects = chosen.filter(([name]) => losses.some(({ part }) => part === name));
    console.log(`\nMeasured once more: ${suspects.map(([name]) => name).join(", ")}`);
    const again = lossesOf((await measure(suspects, options)).figures, baseline);
    losses = losses.filter(({ name }) => again.some((loss) => loss.name === name));
  }
  if (losses.length === 0)
    return console.log("No figure has lost more than a third of its ratio in bench/baseline.json.");
  throw new Refused(
    `\nThese figures lost more than a third of their ratio in bench/baseline.json:\n` +
      `${losses.map(({ text }) => `  ${text}\n`).join("")}` +
      "Find what made them slower. If the loss is right: npm run bench -- --quick --keep",
  );
}
