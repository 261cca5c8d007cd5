import type { Knex } from "knex";
import { Subscriptions, type SubscriptionsParts } from "../subscriptions.ts";
import { PostgresSubscriptionStore } from "./postgres-subscription-store.ts";
import { PostgresSignals } from "./signals.ts";

/** Subscriptions to the events of this database. They keep a connection of this pool, and use a few more now and then. */
export function subscriptionsOn(
  knex: Knex,
  parts: Omit<SubscriptionsParts, "store" | "signals">,
): Subscriptions {
  return new Subscriptions({
    ...parts,
    store: new PostgresSubscriptionStore(knex),
    signals: new PostgresSignals(knex),
  });
}
