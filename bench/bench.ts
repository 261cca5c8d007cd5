import { NotUnderstood, readArguments } from "./harness/arguments.ts";
import type { Figure } from "./harness/figures.ts";
import { helpOf } from "./harness/help.ts";
import { Lab } from "./harness/lab.ts";
import { Progress } from "./harness/progress.ts";
import { dropLeftovers } from "./harness/store.ts";
import { tableOf } from "./harness/table.ts";
import { parts } from "./parts.ts";

let lab: Lab | undefined;

async function bench(): Promise<void> {
  const { names, help, ...options } = readArguments(process.argv.slice(2), Object.keys(parts));
  if (help) return console.log(helpOf(parts));
  const chosen = Object.entries(parts).filter(([name, { extra }]) =>
    names.length > 0 ? names.includes(name) : !extra,
  );
  const progress = new Progress(chosen.reduce((sum, [, { seconds }]) => sum + seconds, 0));
  const figures: Figure[] = [];
  await dropLeftovers();
  for (const [name, { run, seconds }] of chosen) {
    lab = new Lab(name, options, progress);
    try {
      await run(lab);
    } finally {
      await lab.cleanup.run();
    }
    figures.push(...lab.figures);
    progress.partDone(seconds);
  }
  progress.end();
  console.log(tableOf(figures));
}

/** Databases and processes go, however it ends. */
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await lab?.cleanup.run();
    process.exit(130);
  });
}

try {
  await bench();
  process.exit();
} catch (error) {
  console.error(error instanceof NotUnderstood ? `${error.message}\n\n${helpOf(parts)}` : error);
  process.exit(1);
}
