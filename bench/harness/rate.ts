import { percentile } from "./figures.ts";
import type { Contender } from "./lab.ts";

/** How often the work was done, and how long each time took. */
export interface Rate {
  readonly perSecond: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Repeats the work for a while, in several lanes at once. */
export async function rateOf(
  work: (lane: number) => Promise<unknown>,
  { concurrent = 1, ms }: { readonly concurrent?: number; readonly ms: number },
): Promise<Rate> {
  const took: number[] = [];
  const started = performance.now();
  const drive = async (lane: number) => {
    for (let before = performance.now(); before - started < ms; ) {
      await work(lane);
      const after = performance.now();
      took.push(after - before);
      before = after;
    }
  };
  await Promise.all(Array.from({ length: concurrent }, (_, lane) => drive(lane)));
  const perSecond = (took.length / (performance.now() - started)) * 1_000;
  return { perSecond, p50: percentile(took, 50), p99: percentile(took, 99) };
}

/** The same as a contender: the number of lanes and the time come later. */
export function contender(work: (lane: number) => Promise<unknown>): Contender<Rate> {
  return (concurrent, ms) => rateOf(work, { concurrent, ms });
}
