import { InMemoryEventStore } from "#sequent/operations";
import { InMemorySubscriptionStore } from "../../../../src/framework/subscriptions/memory/in-memory-subscription-store.ts";
import { PostgresSubscriptionStore } from "../../../../src/framework/subscriptions/postgres/postgres-subscription-store.ts";
import { eventTypes } from "../../../fixtures/shop/shop.ts";
import { useShop } from "../../../support/shop.ts";
import { describeSubscriptionStore } from "./subscription-store-contract.ts";

const context = useShop();

describeSubscriptionStore("subscriptions in Postgres", () => ({
  store: new PostgresSubscriptionStore(context.database.background),
  eventStore: context.shop.eventStore,
}));

describeSubscriptionStore("subscriptions in memory", () => {
  const eventStore = new InMemoryEventStore(eventTypes);
  return { eventStore, store: new InMemorySubscriptionStore(eventStore) };
});
