import { AggregateRepository, newId } from "#sequent/operations";
import { AddPost } from "../../src/domain/post/commands.ts";
import { Post } from "../../src/domain/post/post.ts";
import { makeHistory } from "../harness/history.ts";
import type { Lab } from "../harness/lab.ts";
import { type Rate, rateOf } from "../harness/rate.ts";
import { barePg } from "../yardsticks/bare-pg.ts";
import { content, title } from "./writes/add-posts.ts";

/** Loading an aggregate with a long history, and checking a form. */
export async function load(lab: Lab): Promise<void> {
  await loadAggregate(lab);
  await validate(lab);
}

async function loadAggregate(lab: Lab): Promise<void> {
  const { ms } = lab.options;
  const store = await lab.createStore();
  const bare = await barePg(store.connection, lab.cleanup);
  const { postIds } = await makeHistory(store, { posts: 10, eventsOfPost: 1_000, contentLength: 90 });
  let next = 0;
  const anyPost = () => postIds[next++ % postIds.length] ?? "";
  await lab.compare({
    contenders: {
      // A new repository, because a repository keeps what it has loaded.
      blog: () =>
        rateOf(() => new AggregateRepository(store.blog.eventStore).loadAggregate(Post, anyPost()), { ms }),
      pg: () => rateOf(() => bare(0, [{ name: "rows", text: rowsOf, values: [anyPost()] }]), { ms }),
    },
    figures: [
      {
        what: "load an aggregate of 1,000 events",
        ours: "blog",
        yardstick: "pg",
        against: "bare pg reading these rows",
        unit: "ms",
        of: (rate: Rate) => 1_000 / rate.perSecond,
        target: { atMost: 1.5 },
      },
    ],
  });
}

const rowsOf = `
select sequence_number, event_type, event_version, payload, created_at
  from sequent_schema.events where aggregate_id = $1 order by sequence_number`;

/** Four attributes from a form: read, checked and turned into a command. */
async function validate(lab: Lab): Promise<void> {
  const samples: number[] = [];
  const envelope = { authorAggregateId: newId(), commandId: newId() };
  for (let round = 0; round <= lab.options.rounds; round += 1) {
    lab.say(`validation, round ${round} of ${lab.options.rounds}`);
    const { perSecond } = await rateOf(
      () => hundred(() => AddPost.fromParams({ title, content }, envelope)),
      {
        ms: lab.options.ms / 2,
      },
    );
    if (round > 0) samples.push(1_000_000 / (perSecond * 100));
  }
  lab.withinLimit("validate a command of four fields", samples, { limit: 25, unit: "µs" });
}

/** Enough that the resolution of the clock does not matter. */
async function hundred(work: () => unknown): Promise<void> {
  for (let count = 0; count < 100; count += 1) await work();
}
