import type { BrokerAddress, Publisher, Queue, Reader } from "./broker.ts";

/** Opens a connection to the broker that the URL names. Its client is loaded only now. */
export function openPublisher(address: BrokerAddress): Promise<Publisher> {
  return brokerIn(address.url).publisher(address);
}

export function openReader(address: BrokerAddress): Promise<Reader> {
  return brokerIn(address.url).reader(address);
}

/** The broker keeps the position of the consumer with this name. */
export function openQueue(address: BrokerAddress, name: string): Promise<Queue> {
  return brokerIn(address.url).queue(address, name);
}

interface Broker {
  publisher(address: BrokerAddress): Promise<Publisher>;
  reader(address: BrokerAddress): Promise<Reader>;
  queue(address: BrokerAddress, name: string): Promise<Queue>;
}

const nats: Broker = {
  publisher: async (address) => (await import("./nats/publisher.ts")).NatsPublisher.open(address),
  reader: async (address) => (await import("./nats/reader.ts")).NatsReader.open(address),
  queue: async (address, name) => (await import("./nats/queue.ts")).NatsQueue.open(address, name),
};

const rabbitmq: Broker = {
  publisher: async (address) => (await import("./rabbitmq/publisher.ts")).RabbitPublisher.open(address),
  reader: async (address) => (await import("./rabbitmq/reader.ts")).RabbitReader.open(address),
  queue: async (address, name) => (await import("./rabbitmq/queue.ts")).RabbitQueue.open(address, name),
};

const redis: Broker = {
  publisher: async (address) => (await import("./redis/publisher.ts")).RedisPublisher.open(address),
  reader: async (address) => (await import("./redis/reader.ts")).RedisReader.open(address),
  queue: async (address, name) => (await import("./redis/queue.ts")).RedisQueue.open(address, name),
};

/** By the beginning of the URL. */
const brokers = { nats, amqp: rabbitmq, amqps: rabbitmq, redis, rediss: redis };

export function isBrokerUrl(url: string): boolean {
  return /^(nats|amqps?|rediss?):\/\/[^/\s]\S*$/.test(url) && URL.canParse(url);
}

function brokerIn(url: string): Broker {
  if (isBrokerUrl(url)) return brokers[new URL(url).protocol.slice(0, -1) as keyof typeof brokers];
  throw new TypeError(
    "The address of a broker begins with nats://, amqp://, amqps://, redis:// or rediss://",
  );
}
