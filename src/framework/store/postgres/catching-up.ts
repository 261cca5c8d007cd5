import { StoreUnavailable, ViewsNotCurrent } from "../../errors/store-errors.ts";
import { ProjectorFailed } from "../../projections/projector.ts";

const patienceMs = 2_000;

/**
 * Stores a unit of work, and if the views have changed since it began, catches up and begins again. If rows are old, or of
 * another version, a projector may fail because of that alone. So it is tried once more, too.
 */
export async function storeOnCurrentViews(
  store: () => Promise<void>,
  catchUp: () => Promise<void>,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  let hasFailed = false;
  for (let isBehind = false; ; isBehind = true) {
    try {
      if (isBehind) await catchUp();
      return await store();
    } catch (error) {
      const isLate = performance.now() > giveUpAt;
      if (error instanceof ViewsNotCurrent) {
        if (isLate) throw new StoreUnavailable(false, { cause: error });
      } else {
        if (!(error instanceof ProjectorFailed) || hasFailed || isLate) throw error;
        hasFailed = true;
      }
    }
  }
}
