import pg from "pg";
import { StoreUnavailable } from "../event-store/errors.ts";
import { isBroken } from "../event-store/postgres/connections.ts";

/** There can be one replay at a time; and its tables are filled from events as they were, so nobody is erased beside it. */
export class ReplayUnderWay extends Error {
  constructor() {
    super(
      "A replay is under way, or was stopped in the middle. See how far it is with: npm run replay -- --status " +
        "(go on with it by: npm run replay, or end it with: npm run replay -- --abort)",
    );
  }
}

/** Somebody else has taken the replay over, or aborted it; what this process would have written is not. */
export class ReplayLost extends Error {
  constructor() {
    super("This replay was aborted, or is gone on with by another process.");
  }
}

/** The connection to the database was lost on the way. */
export class DatabaseLost extends Error {
  constructor(cause: unknown) {
    super(
      `The database went away (${(cause as Error).message}). What is done is kept: go on with: npm run replay`,
      { cause },
    );
  }
}

/** An error that is of no class of its own comes from the connection. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  if (error instanceof pg.DatabaseError) return isBroken(error);
  return error instanceof Error && error.constructor === Error;
}

/** What was asked for cannot be done as things are: the message says why, and what can. */
export class ReplayNotPossible extends Error {}
