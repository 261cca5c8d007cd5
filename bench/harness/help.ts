import type { Part } from "../parts.ts";

export function helpOf(parts: Readonly<Record<string, Part>>): string {
  const lines = Object.entries(parts).map(
    ([name, { about, extra, checked }]) =>
      `  ${(name + (checked ? " *" : "")).padEnd(15)}${about}${extra ? " (only if named)" : ""}`,
  );
  return `npm run bench -- [parts] [options]

Compares the speed of the blog with small programs that do the same by hand (bench/yardsticks). Both run in turn. Without
the name of a part, all parts run:

${lines.join("\n")}

  --rounds 9    how often each program runs; the figures are medians of the rounds
  --quick       fewer and shorter rounds, smaller stores
  --minutes 10  how long "start" watches the memory under load, instead of 20 seconds
  --compare     only the parts with *; fails if a figure loses more than a third of its ratio in bench/baseline.json
  --keep        writes the ratios to bench/baseline.json
  --help        this text

Uses new databases on the server of DATABASE_URL or, without it, on the embedded Postgres. They are dropped at the end.`;
}
