import { ErasureNotAllowed, PersonalErasure, ReplayUnderWay } from "#sequent/operations";
import { type Blog, commandClasses, eventTypes } from "../blog.ts";
import type { Database } from "../database/database.ts";
import type { Logger } from "../web/logging/log.ts";

/**
 * Takes the personal values of a closed account out of its events and commands, and returns true. If it cannot, because only the
 * owner of the tables may or a replay is under way, it returns false: then `npm run erase -- --reapply` does it, and
 * `npm run doctor` names the account until then.
 */
export function finishErasureOn(
  { patient: knex }: Database,
  { commandService }: Pick<Blog, "commandService">,
  log: Logger,
): (accountId: string) => Promise<boolean> {
  const erasure = new PersonalErasure({ knex, commandService, eventTypes, commandClasses });
  return async (accountId) => {
    try {
      await erasure.finish(accountId);
      return true;
    } catch (error) {
      if (!(error instanceof ErasureNotAllowed || error instanceof ReplayUnderWay))
        log.error({ err: error }, "an erasure is not finished: npm run erase -- --reapply");
      return false;
    }
  };
}
