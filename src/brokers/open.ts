import { type BrokerAddress, BrokerUnavailable, type Publisher, type Queue, type Reader } from "./broker.ts";

/** Opens a connection to the broker that the URL names. Its client is loaded only now. */
export function openPublisher(address: BrokerAddress): Promise<Publisher> {
  return openAny(address, (broker, one) => broker.publisher(one));
}

export function openReader(address: BrokerAddress): Promise<Reader> {
  return openAny(address, (broker, one) => broker.reader(one));
}

/** The broker keeps the position of the consumer with this name. */
export function openQueue(address: BrokerAddress, name: string): Promise<Queue> {
  return openAny(address, (broker, one) => broker.queue(one, name));
}

/** Of several servers, the first that answers. In random order: one may answer and have no other servers to agree with. */
async function openAny<Opened>(
  { url, topic }: BrokerAddress,
  open: (broker: Broker, one: BrokerAddress) => Promise<Opened>,
): Promise<Opened> {
  const urls = url.split(",");
  const start = Math.floor(Math.random() * urls.length);
  let failure: unknown;
  for (const one of [...urls.slice(start), ...urls.slice(0, start)]) {
    try {
      return await open(brokerIn(one), { url: one, topic });
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
      failure = error;
    }
  }
  throw failure;
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

/** One address, or those of several servers with commas. */
export function isBrokerUrl(url: string): boolean {
  return url
    .split(",")
    .every((one) => /^(nats|amqps?|rediss?):\/\/[^/\s]\S*$/.test(one) && URL.canParse(one));
}

function brokerIn(url: string): Broker {
  if (isBrokerUrl(url)) return brokers[new URL(url).protocol.slice(0, -1) as keyof typeof brokers];
  throw new TypeError(
    "The address of a broker begins with nats://, amqp://, amqps://, redis:// or rediss://",
  );
}
