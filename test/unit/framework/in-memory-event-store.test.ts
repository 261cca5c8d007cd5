import { InMemoryEventStore } from "../../../src/framework/index.ts";
import { describeEventStore } from "./event-store-contract.ts";

describeEventStore("the event store in memory", (eventTypes) => new InMemoryEventStore(eventTypes));
