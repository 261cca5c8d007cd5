import { jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { connectToNats } from "../../src/brokers/nats/connect.ts";
import { connectToRedis } from "../../src/brokers/redis/connect.ts";
import type { OwnBroker } from "./own-broker.ts";

interface Fullness {
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** Leaves a broker no room, and gives it room again, each with the limit that an operator sets. */
export const fullness: Readonly<Record<"nats" | "redis" | "rabbitmq", (broker: OwnBroker) => Fullness>> = {
  nats: ({ url }) => {
    const limit = async (limits: (bytes: number) => Partial<StreamConfig>) => {
      const connection = await connectToNats(url);
      const { streams } = await jetstreamManager(connection);
      const { state } = await streams.info("shop");
      await streams.update("shop", limits(state.bytes));
      await connection.close();
    };
    return {
      begin: () => limit((bytes) => ({ max_bytes: bytes + 1_000, discard: "new" })),
      end: () => limit(() => ({ max_bytes: -1 })),
    };
  },
  redis: ({ url }) => {
    const limit = async (memory: string) => {
      const redis = await connectToRedis(url);
      await redis.config("SET", "maxmemory-policy", "noeviction");
      await redis.config("SET", "maxmemory", memory);
      redis.disconnect();
    };
    return { begin: () => limit("1"), end: () => limit("0") };
  },
  rabbitmq: (broker) => ({
    begin: () => broker.control("set_disk_free_limit", "100000GB"),
    end: () => broker.control("set_disk_free_limit", "1MB"),
  }),
};
