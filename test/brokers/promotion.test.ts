import { expect } from "vitest";
import { idsOf, readFrom } from "../support/brokers.ts";
import { Servers, Writers } from "../support/failover.ts";
import { OwnBroker } from "../support/own-broker.ts";
import { testInEachRound } from "../support/rounds.ts";
import { idsInLog, startTracker } from "../support/tracked-shop.ts";
import { until } from "../support/until.ts";

const topic = "shop";
async function tracked(isSynchronous: boolean) {
  const [servers, broker] = [await Servers.start(), await OwnBroker.start("nats")];
  const database = await servers.connect();
  if (isSynchronous) await servers.confirmByReplica();
  const address = { url: broker.url, topic };
  const tracker = startTracker(database, address);
  return { ...tracker, servers, database, address, writers: new Writers(tracker.shop) };
}

testInEachRound("a replica is promoted under load, and the stream is the log, round %i", async () => {
  const { servers, database, address, writers } = await tracked(true);
  await writers.more(100);
  await readFrom(address, 100);
  await servers.failOver();
  await writers.more(100);
  await writers.stop();
  const log = await idsInLog(database);
  expect(idsOf(await readFrom(address, log.length))).toEqual(log);
});

testInEachRound(
  "if events were lost that the stream has, the tracker stops and says so, and another topic gets the log, round %i",
  async () => {
    const { servers, database, address, writers, shop, lines, stop } = await tracked(false);
    await writers.more(100);
    await servers.cutOff();
    await writers.more(100);
    await writers.stop();
    const before = await idsInLog(database);
    await readFrom(address, before.length);
    await servers.failOver();
    const others = new Writers(shop);
    await others.more(100);
    await others.stop();
    await until(() => lines.some((line) => line.includes("a replica that lacked the last events")), 20_000);
    await stop();
    const log = await idsInLog(database);
    expect(before.filter((id) => !log.includes(id)).length).toBeGreaterThanOrEqual(100);
    expect(idsOf(await readFrom(address, before.length))).toEqual(before);
    const anew = { ...address, topic: `${topic}-anew` };
    startTracker(database, anew);
    expect(idsOf(await readFrom(anew, log.length))).toEqual(log);
  },
);
