import { setTimeout as sleep } from "node:timers/promises";

/** Waits for a condition, which must become true in time. */
export async function until(what: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !(await what()); await sleep(5)) {
    if (Date.now() > end) throw new Error(`not true after ${milliseconds} ms: ${what}`);
  }
}
