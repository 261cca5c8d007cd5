import pg from "pg";
import { messageOf } from "../errors/describe-error.ts";
import { StoreUnavailable } from "../errors/store-errors.ts";
import { isBroken } from "../store/postgres/connections.ts";
import { isLockTimeout } from "../store/postgres/store-error.ts";

/** There can be one replay at a time. Erasures are refused meanwhile, because its tables are filled from the old events. */
export class ReplayUnderWay extends Error {
  constructor() {
    super(
      "A replay is under way, or was stopped in the middle. See its progress with: npm run replay -- --status " +
        "(resume it with: npm run replay, or end it with: npm run replay -- --abort)",
    );
  }
}

/** Another process has taken the replay over, or aborted it. Nothing more that this process writes is stored. */
export class ReplayLost extends Error {
  constructor(options?: ErrorOptions) {
    super("This replay was aborted or taken over by another process.", options);
  }
}

export class DatabaseLost extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(
      `The connection to the database was lost (${why}). The work so far is kept: run the same command to resume.`,
      options,
    );
  }

  static orElse(error: unknown): unknown {
    if (!isConnectionLost(error)) return error;
    const reason = error instanceof StoreUnavailable && error.cause ? error.cause : error;
    return new DatabaseLost(messageOf(reason, []), { cause: error });
  }
}

/** Only errors of a connection are plain Errors, or several of them in an AggregateError. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return !isLockTimeout(error.cause);
  if (error instanceof AggregateError) return true;
  if (error instanceof pg.DatabaseError) return isBroken(error);
  return error instanceof Error && error.constructor === Error;
}

/** The message says why, and what to do. */
export class ReplayNotPossible extends Error {}
