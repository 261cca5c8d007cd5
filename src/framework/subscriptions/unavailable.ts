import pg from "pg";
import { StoreUnavailable } from "../errors/store-errors.ts";
import { storeError } from "../store/postgres/store-error.ts";

/**
 * What a subscription needs is away: the broker, the mail server, a database. The subscription waits and tries again, and nothing
 * is parked, because the event is not the reason.
 *
 *     throw new Unavailable("The mail server does not answer", { cause: error });
 */
export class Unavailable extends Error {}

/** True also for our own database. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof Unavailable || error instanceof StoreUnavailable) return true;
  return error instanceof pg.DatabaseError && storeError(error) instanceof StoreUnavailable;
}
