import { InMemoryEventStore } from "#sequent/operations";
import { describeEventStore } from "./event-store-contract.ts";

describeEventStore("the event store in memory", (eventTypes) => new InMemoryEventStore(eventTypes));
