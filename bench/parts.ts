import type { Lab } from "./harness/lab.ts";
import { pages } from "./parts/pages.ts";
import { writes } from "./parts/writes.ts";

export interface Part {
  readonly about: string;
  /** About how long it takes. */
  readonly seconds: number;
  readonly run: (lab: Lab) => Promise<void>;
  /** Only where it is asked for by name. */
  readonly extra?: true;
}

/** What can be measured, in the order in which it is. */
export const parts: Readonly<Record<string, Part>> = {
  writes: { about: "the command service against bare pg and pgbench", seconds: 90, run: writes },
  pages: { about: "POST, GET and conditional GET against plain Express", seconds: 80, run: pages },
};
