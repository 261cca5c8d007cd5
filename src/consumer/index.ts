/** For a program that takes events from a broker, and has no access to the database of the blog. Import it as `#sequent/consumer`. */
export type { BrokerAddress } from "../brokers/broker.ts";
export type { CloudEvent } from "../brokers/cloud-event.ts";
export { Consumer, type ConsumerOptions, type Handler } from "./consumer.ts";
export type { ParkedEvent } from "./inbox.ts";
export type { ConsumerLog } from "./log.ts";
export { QueueConsumer, type QueueConsumerOptions } from "./queue-consumer.ts";
export { Unavailable } from "./unavailable.ts";
