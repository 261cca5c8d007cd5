import { setTimeout as sleep } from "node:timers/promises";
import type { CommandService } from "#sequent/operations";
import { byProgram } from "../../src/bin/by-program.ts";
import { createBlog } from "../../src/blog.ts";
import type { BrokerAddress } from "../../src/brokers/broker.ts";
import { openReader } from "../../src/brokers/open.ts";
import { EditPost } from "../../src/domain/post/commands.ts";
import { dropTopic, brokers as servers } from "../../test/support/broker-servers.ts";
import { percentile } from "../harness/figures.ts";
import { makeHistory } from "../harness/history.ts";
import type { Lab } from "../harness/lab.ts";
import type { Store } from "../harness/store.ts";

/** Publishes a history, and then what happens, while a consumer reads it. The brokers have to run on this machine. */
export async function brokers(lab: Lab): Promise<void> {
  for (const { name, url } of servers) {
    const store = await lab.createStore(`brokers_${name.toLowerCase()}`);
    const posts = lab.options.quick ? 5_000 : 20_000;
    const { postIds } = await makeHistory(store, { posts, eventsOfPost: 5, contentLength: 1_000 });
    const address = { url, topic: `bench-${process.pid}` };
    lab.cleanup.defer(() => dropTopic(address));

    lab.say(`${name}: publishing ${5 * posts} events`);
    const broker = { address, source: "/bench", withPersonal: false };
    const { subscriptions, commandService } = createBlog({
      ...store.database,
      broker,
      filters: [byProgram("npm run bench")],
    });
    lab.cleanup.defer(() => subscriptions.stop());
    const began = performance.now();
    subscriptions.start();
    await published(store);
    const perSecond = (5_000 * posts) / (performance.now() - began);
    lab.add({
      ...{ part: "brokers", what: `${name}: events published`, against: "the least", unit: "/s" },
      ...{ ours: perSecond, yardstick: 5_000, ratio: perSecond / 5_000, rounds: [perSecond / 5_000] },
      ...{ target: { atLeast: 1 }, fixed: true },
    });
    lab.say(`${name}: from commit to consumer`);
    const latencies = await latenciesOf(
      address,
      commandService,
      postIds.slice(0, 50),
      lab.options.quick ? 400 : 2_000,
    );
    lab.withinLimit(`${name}: commit to consumer, 200 events/s, p99`, latencies, {
      ...{ limit: 50, unit: "ms" },
      of: (samples) => percentile(samples, 99),
    });
    lab.note(`${name}: commit to consumer, median ${percentile(latencies, 50).toFixed(1)} ms`);
    await subscriptions.stop();
  }
}

/** Until the tracker has noted the last event. */
async function published({ database }: Store): Promise<void> {
  const { write } = database;
  for (let isAll = false; !isAll; await sleep(10)) isAll = (await write.raw(allIsNoted)).rows.length === 1;
}

const allIsNoted = `
select from sequent_schema.subscriptions as tracker
 where name = 'Tracker'
   and not exists (
         select from sequent_schema.events as event
          where (event.epoch, event.xact_id, event.position) > (tracker.epoch, tracker.xact_id, tracker.position)
       )`;

/** In milliseconds, from when a command is answered until a consumer has its event. */
async function latenciesOf(
  address: BrokerAddress,
  commandService: CommandService,
  postIds: readonly string[],
  count: number,
): Promise<number[]> {
  const arrivals = new Map<string, number>();
  const reader = await openReader(address);
  const stop = new AbortController();
  const reading = (async () => {
    for await (const messages of reader.pages(undefined, stop.signal))
      for (const { event } of messages) arrivals.set(event.commandid, performance.now());
  })();
  const commits = new Map<string, number>();
  const edit = async (number: number) => {
    const aggregateId = postIds[number % postIds.length] ?? "";
    const command = new EditPost({ aggregateId, title: `Title ${number}`, content: "The same" }); // one event
    await commandService.executeCommands(command);
    commits.set(command.commandId, performance.now());
    return command.commandId;
  };
  const hasArrived = async (commandId: string) => {
    while (!arrivals.has(commandId)) await sleep(1);
  };
  const first = await Promise.all(postIds.map((_, number) => edit(number)));
  for (const commandId of first) await hasArrived(commandId); // now the consumer has read the history
  commits.clear();
  const edits: Promise<string>[] = [];
  for (const start = performance.now(); edits.length < count; ) {
    edits.push(edit(postIds.length + edits.length));
    await sleep(Math.max(0, start + 5 * edits.length - performance.now()));
  }
  for (const commandId of await Promise.all(edits)) await hasArrived(commandId);
  stop.abort();
  await reader.close();
  await reading;
  return [...commits].map(([commandId, committed]) =>
    Math.max(0, (arrivals.get(commandId) ?? 0) - committed),
  );
}
