import type { Part } from "../parts.ts";

export function helpOf(parts: Readonly<Record<string, Part>>): string {
  const lines = Object.entries(parts).map(
    ([name, { about, extra, checked }]) =>
      `  ${(name + (checked ? " *" : "")).padEnd(12)}${about}${extra ? " (only when named)" : ""}`,
  );
  return `npm run bench -- [parts] [options]

Measures the blog against small programs that do the same by hand (bench/yardsticks), in turns and in one run, and says
how the two compare. Without a part, all of them:

${lines.join("\n")}

  --rounds 9    how often each contender has its turn; medians are taken over the rounds
  --quick       fewer and shorter rounds, smaller stores
  --minutes 10  how long "start" watches the memory under load, instead of 20 seconds
  --compare     fails when a third of a ratio in bench/baseline.json is lost; of the parts that are marked by a *
  --keep        makes these ratios that baseline
  --help        this text

The database is a new one on the server of DATABASE_URL or, without it, on a Postgres that npm brings. It is dropped at the end.`;
}
