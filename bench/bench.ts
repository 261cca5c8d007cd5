import { NotUnderstood, readArguments } from "./harness/arguments.ts";
import { keepBaseline, lossesOf, readBaseline } from "./harness/baseline.ts";
import { helpOf } from "./harness/help.ts";
import { Progress } from "./harness/progress.ts";
import { busyBefore, describeRun, writeResults } from "./harness/results.ts";
import { Run } from "./harness/run.ts";
import { dropLeftovers } from "./harness/store.ts";
import { tableOf } from "./harness/table.ts";
import { type Part, parts } from "./parts.ts";

async function bench(): Promise<number> {
  const { names, help, compare, keep, ...options } = readArguments(process.argv.slice(2), Object.keys(parts));
  if (help) {
    console.log(helpOf(parts));
    return 0;
  }
  const isChosen = ([name, part]: [string, Part]) =>
    names.length > 0 ? names.includes(name) : compare || keep ? part.checked : !part.extra;
  const chosen = Object.entries(parts).filter(isChosen);
  const progress = new Progress(chosen.reduce((sum, [, { seconds }]) => sum + seconds, 0));
  const busy = busyBefore();
  await dropLeftovers();

  const run = new Run(options, progress);
  stopOnSignal(run);
  for (const [name, part] of chosen) await run.measure(name, part);
  if (busy) run.notes.unshift(busy);
  progress.end();

  console.log(`\n${tableOf(run.figures)}\n`);
  for (const note of run.notes) console.log(note);
  const files = await writeResults(describeRun(run, options.rounds));
  console.log(`Written to ${files.join(" and ")}`);
  if (keep) await keepBaseline(run.figures);
  return compare ? await compareWithBaseline(run, chosen) : 0;
}

/** Gives the exit code. What seems lost is measured once more: a machine has bad moments, lost speed has only those. */
async function compareWithBaseline(run: Run, chosen: readonly [string, Part][]): Promise<number> {
  const measured = chosen.map(([name]) => name);
  const baseline = await readBaseline(measured);
  const suspects = new Set(lossesOf(run.figures, baseline).map(({ part }) => part));
  if (suspects.size > 0) console.log(`\nMeasured once more: ${[...suspects].join(", ")}`);
  const again = new Run(run.options, run.progress);
  stopOnSignal(again);
  for (const [name, part] of chosen) if (suspects.has(name)) await again.measure(name, part);
  const losses = lossesOf(run.figures, baseline).filter(({ name }) =>
    lossesOf(again.figures, baseline).some((loss) => loss.name === name),
  );
  if (losses.length === 0) {
    console.log("Nothing is slower than bench/baseline.json by more than a third.");
    return 0;
  }
  console.error(`\nMore than a third of a ratio of bench/baseline.json is lost:`);
  for (const { text } of losses) console.error(`  ${text}`);
  console.error("Find what made it slower. If it has to be so: npm run bench -- --quick --keep");
  return 1;
}

/** Databases and processes go, however it ends. */
function stopOnSignal(run: Run): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, async () => {
      await run.cleanUp();
      process.exit(130);
    });
  }
}

try {
  process.exit(await bench());
} catch (error) {
  console.error(error instanceof NotUnderstood ? `${error.message}\n\n${helpOf(parts)}` : error);
  process.exit(1);
}
