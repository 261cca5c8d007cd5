import type { Knex } from "knex";
import type { LoggedEvent } from "../store/event-store.ts";
import { type Delivering, deliver, idOf } from "./deliver.ts";
import type { SubscriptionLog } from "./log.ts";
import { LeaseLost } from "./subscription-store.ts";
import { isUnavailable } from "./unavailable.ts";

interface Try {
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Does the work of a handler, and notes in its transaction that the event is handled. */
  readonly noteWith: (work: (trx: Knex.Transaction) => Promise<unknown>) => Promise<void>;
}

/** Either the event is handled, and perhaps a transaction has noted that, or there is an error. */
type Outcome = { readonly isNoted: boolean } | { readonly error: unknown };

/**
 * Gives an event to the handlers, once. It throws only if the event is not the reason: the lease is lost, or what the handler needs is
 * away.
 */
export async function tryDelivery(
  event: LoggedEvent,
  delivering: Delivering & { readonly log: SubscriptionLog },
  { attempt, signal, noteWith }: Try,
): Promise<Outcome> {
  let isNoted = false;
  try {
    await deliver(event, delivering, {
      ...{ attempt, signal },
      noteWith: async (work) => {
        await noteWith(work);
        isNoted = true;
      },
    });
  } catch (error) {
    if (isNoted) {
      const { savedName: subscription } = delivering.subscription.class;
      const fields = { subscription, event: idOf(event), type: event.type, attempt, err: error };
      delivering.log.error(fields, "handler failed after its transaction: the event is handled");
      return { isNoted };
    }
    if (error instanceof LeaseLost || isUnavailable(error)) throw error;
    signal.throwIfAborted();
    return { error };
  }
  return { isNoted };
}
