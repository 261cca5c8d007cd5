import type { BrokerAddress } from "../../src/brokers/broker.ts";
import { connectToNats } from "../../src/brokers/nats/connect.ts";
import { RabbitConnection } from "../../src/brokers/rabbitmq/connect.ts";
import { connectToRedis } from "../../src/brokers/redis/connect.ts";

/** The three brokers, at their usual ports. */
export const brokers = [
  {
    name: "NATS",
    url: process.env["NATS_URL"] ?? "nats://127.0.0.1:4222",
    package: "nats-server",
    start: "nats-server --jetstream",
  },
  {
    name: "RabbitMQ",
    url: process.env["AMQP_URL"] ?? "amqp://guest:guest@127.0.0.1:5672",
    package: "rabbitmq-server",
    start: "rabbitmq-server",
  },
  {
    name: "Redis",
    url: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379",
    package: "redis-server",
    start: "redis-server",
  },
] as const;

/** Deletes a topic and everything that a test made below it. */
export async function dropTopic({ url, topic }: BrokerAddress): Promise<void> {
  if (url.startsWith("nats")) {
    const { jetstreamManager } = await import("@nats-io/jetstream");
    const connection = await connectToNats(url);
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(topic).catch(() => {}); // the test made none
    await connection.close();
  } else if (url.startsWith("amqp")) {
    const connection = await RabbitConnection.open(url);
    const channel = await connection.channel();
    for (const queue of [topic, `${topic}.letters`]) await channel.deleteQueue(queue);
    await channel.deleteExchange(topic);
    await connection.close();
  } else {
    const redis = await connectToRedis(url);
    await redis.del(topic);
    redis.disconnect();
  }
}
