import { setTimeout as sleep } from "node:timers/promises";
import { anyEvent, on, Subscription } from "#sequent";
import { Bell, CommandService, PostgresEventStore, subscriptionsOn } from "#sequent/operations";
import { byProgram } from "../../src/bin/by-program.ts";
import { commandHandlers, eventTypes, projectors } from "../../src/blog.ts";
import { AddPost } from "../../src/domain/post/commands.ts";
import { PostAdded } from "../../src/domain/post/events.ts";
import { percentile } from "../harness/figures.ts";
import { makeHistory } from "../harness/history.ts";
import type { Lab } from "../harness/lab.ts";
import { type Rate, rateOf } from "../harness/rate.ts";
import type { Store } from "../harness/store.ts";
import { content, title } from "./writes/add-posts.ts";

/** How fast subscriptions handle events, how soon they hear of one, and what they cost those who write. */
export async function subscriptions(lab: Lab): Promise<void> {
  const store = await lab.createStore();
  const posts = lab.options.quick ? 2_000 : 20_000;
  const { authorId } = await makeHistory(store, { posts, eventsOfPost: 5 });
  const { rows } = await store.database.read.raw(
    "select count(*)::integer as events from sequent_schema.events",
  );
  await catchUp(lab, store, rows[0].events);
  const newPost = () => new AddPost({ authorAggregateId: authorId, title, content });
  for (const where of ["the same process", "another process"] as const)
    await latency(
      lab,
      program(store),
      where === "another process" ? program(store) : undefined,
      newPost,
      where,
    );
  await costToWriters(lab, store, newPost);
}

type Handle = (aggregateId: string) => void;

class Following extends Subscription("Following", { from: "now" }) {
  readonly #handle: Handle;

  constructor(handle: Handle) {
    super();
    this.#handle = handle;
  }

  readonly handlers = [on(PostAdded, ({ aggregateId }) => this.#handle(aggregateId))];
}

/** A program with its own bell, as in a process of its own. */
function program({ database }: Store) {
  const bell = new Bell();
  const eventStore = new PostgresEventStore(database.write, eventTypes, bell.ring);
  const filters = [byProgram("npm run bench")];
  const commandService = new CommandService({ eventStore, commandHandlers, projectors, filters });
  const running = (subscriptions: readonly Subscription[]) =>
    subscriptionsOn(database.background, { subscriptions, eventTypes, commandService, bell });
  return { commandService, running };
}

type Program = ReturnType<typeof program>;

/** From the beginning to the end of the log, each in its own way. */
async function catchUp(lab: Lab, store: Store, events: number): Promise<void> {
  let seen = 0;
  const count = () => {
    seen += 1;
  };
  class EightAtOnce extends Subscription("EightAtOnce", { from: "beginning" }) {
    readonly handlers = [on(anyEvent, count)];
  }
  class OneByOne extends Subscription("OneByOne", { from: "beginning", concurrency: 1 }) {
    readonly handlers = [on(anyEvent, count)];
  }
  class InTransactions extends Subscription("InTransactions", { from: "beginning", concurrency: 1 }) {
    readonly handlers = [
      on(anyEvent, async (_, { id, inTransaction }) => {
        await inTransaction((trx) => trx("effects").insert({ event: id }));
        count();
      }),
    ];
  }
  class Pages extends Subscription("Pages", { from: "beginning" }) {
    readonly page = (page: readonly unknown[]) => {
      seen += page.length;
    };
  }
  await store.database.write.raw("create table effects (event text not null)");
  for (const subscription of [new Pages(), new EightAtOnce(), new OneByOne(), new InTransactions()]) {
    const { savedName } = subscription.class;
    lab.say(`catching up, ${savedName}`);
    const running = program(store).running([subscription]);
    seen = 0;
    const started = performance.now();
    running.start();
    while (seen < events && performance.now() - started < 20_000) await sleep(5);
    const perSecond = (seen / (performance.now() - started)) * 1_000;
    await running.stop();
    lab.note(`${savedName} handled ${Math.round(perSecond).toLocaleString("en")} events a second.`);
  }
}

/** From the moment when whoever stored it knows to the moment when the handler begins, at 200 commands a second. */
async function latency(
  lab: Lab,
  writer: Program,
  reader: Program | undefined,
  newPost: () => AddPost,
  where: string,
): Promise<void> {
  lab.say(`latency in ${where}`);
  const storedAt = new Map<string, number>();
  const heardAt = new Map<string, number>();
  const following = new Following((aggregateId) => void heardAt.set(aggregateId, performance.now()));
  const running = (reader ?? writer).running([following]);
  const notifying = reader && writer.running([]);
  running.start();
  notifying?.start();
  await sleep(1_000); // until it has begun, and both listen
  const started = performance.now();
  const commands: Promise<unknown>[] = [];
  const count = lab.options.quick ? 400 : 2_000;
  for (let next = 0; next < count; next += 1) {
    await sleep(Math.max(0, started + next * 5 - performance.now()));
    const post = newPost();
    const stored = () => storedAt.set(post.aggregateId, performance.now());
    commands.push(writer.commandService.executeCommands(post).then(stored));
  }
  await Promise.all(commands);
  while (heardAt.size < count) await sleep(10);
  await Promise.all([running.stop(), notifying?.stop()]);
  const took = [...storedAt].map(([id, at]) => Math.max(0, (heardAt.get(id) ?? Number.NaN) - at));
  const shown = [50, 99].map((part) => `${percentile(took, part).toFixed(1)} ms (p${part})`).join(", ");
  lab.note(`At 200 posts a second, a handler in ${where} began ${shown} after the commit.`);
  lab.withinLimit(`commit to handler in ${where}, p99`, [percentile(took, 99)], { limit: 50, unit: "ms" });
}

async function costToWriters(lab: Lab, store: Store, newPost: () => AddPost): Promise<void> {
  const { ms } = lab.options;
  const alone = program(store);
  const followed = program(store);
  const rate = ({ commandService }: Program) =>
    rateOf(() => commandService.executeCommands(newPost()), { concurrent: 16, ms });
  const running = () => followed.running([new Following(() => {})]);
  await lab.warmUp({
    alone: (concurrent, ms) =>
      rateOf(() => alone.commandService.executeCommands(newPost()), { concurrent, ms }),
  });
  await lab.compare({
    contenders: {
      alone: () => rate(alone),
      followed: async () => {
        const subscriptions = running();
        subscriptions.start();
        const measured = await rate(followed);
        await subscriptions.stop();
        return measured;
      },
    },
    figures: [
      {
        what: "AddPost, 16 at once, with a subscription",
        ...{ ours: "followed", yardstick: "alone", against: "without one", unit: "/s" },
        of: ({ perSecond }: Rate) => perSecond,
        target: { atLeast: 0.8 },
      },
    ],
  });
}
