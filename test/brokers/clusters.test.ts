import { jetstreamManager, type StreamAPI } from "@nats-io/jetstream";
import { describe, test } from "vitest";
import { connectToNats } from "../../src/brokers/nats/connect.ts";
import { readFrom } from "../support/brokers.ts";
import { OwnBroker } from "../support/own-broker.ts";
import { rounds } from "../support/rounds.ts";
import { useShop } from "../support/shop.ts";
import { allHasCome, keepAdding, startTracker } from "../support/tracked-shop.ts";
import { until } from "../support/until.ts";

const used = useShop();
const topic = "shop";
const eventsOfCustomer = 3;

/** Three servers on one machine take a while, so this runs only if rounds are asked for. */
describe.runIf(rounds > 0).each(["nats", "rabbitmq"] as const)("three servers, %s", (kind) => {
  test("while one after the other is killed, the tracker goes on, nothing is lost, and the order is kept", {
    timeout: rounds * 400_000,
  }, async () => {
    const servers = await OwnBroker.cluster(kind);
    const address = { url: servers.map(({ url }) => url).join(","), topic };
    const { shop } = startTracker(used.database, address);
    const adding = keepAdding(shop);
    /** What is stored from now on comes, too. */
    const moreCome = async () => {
      const enough = eventsOfCustomer * (await adding.more(20, 30_000));
      const have = async () => (await readFrom(address, enough).catch(() => [])).length >= enough;
      await until(have, 120_000); // a server may need a while until it has found the others
    };
    await moreCome();
    if (kind === "nats") await replicate(servers);
    for (let round = 1; round <= rounds; round += 1)
      for (const [place, server] of servers.entries()) {
        const began = performance.now();
        await server.kill();
        await moreCome();
        console.log(
          `${kind}, round ${round}: server ${place} was killed, and new events came after ${Math.round(performance.now() - began)} ms.`,
        );
        await server.start();
        if (kind === "nats") await until(() => isReplicated(servers), 60_000);
        await moreCome();
      }
    await adding.stop();
    await allHasCome(kind, address, used.database);
  });
});

/** As docs/guides/scaling.md says: RabbitMQ does it by itself. */
async function replicate(servers: readonly OwnBroker[]): Promise<void> {
  await withStreams(servers, (streams) => streams.update(topic, { num_replicas: servers.length }));
  await until(() => isReplicated(servers), 60_000);
}

async function isReplicated(servers: readonly OwnBroker[]): Promise<boolean> {
  const { cluster } = await withStreams(servers, (streams) => streams.info(topic));
  const { leader, replicas = [] } = cluster ?? {};
  return !!leader && replicas.length === servers.length - 1 && replicas.every(({ current }) => current);
}

async function withStreams<Result>(
  servers: readonly OwnBroker[],
  work: (streams: StreamAPI) => Promise<Result>,
): Promise<Result> {
  const connection = await connectToNats(servers[0]?.url ?? "");
  try {
    return await work((await jetstreamManager(connection)).streams);
  } finally {
    await connection.close();
  }
}
