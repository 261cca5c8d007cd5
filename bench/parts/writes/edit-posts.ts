import { newId } from "#sequent/operations";
import { EditPost } from "../../../src/domain/post/commands.ts";
import { makeHistory } from "../../harness/history.ts";
import { at, type Contender, type Lab } from "../../harness/lab.ts";
import { type Rate, rateOf } from "../../harness/rate.ts";
import { statementsOf, varied } from "../../harness/sent-statements.ts";
import type { Store } from "../../harness/store.ts";
import type { BarePg } from "../../yardsticks/bare-pg.ts";
import { content, title } from "./add-posts.ts";

/** Load ten events, decide, commit. Each post is edited once, so that it always has ten. */
export async function editPosts(lab: Lab, store: Store, bare: BarePg): Promise<void> {
  const { commandService } = store.blog;
  const posts: string[] = [];
  const refill = async () => {
    if (posts.length > 4_000) return;
    posts.push(...(await makeHistory(store, { posts: 6_000, eventsOfPost: 10, contentLength: 100 })).postIds);
  };
  const nextPost = () => posts.pop() ?? noPostIsLeft();
  const edit = (aggregateId: string) => new EditPost({ aggregateId, title, content: changed });

  await refill();
  const sample = edit(nextPost());
  const sent = await statementsOf(() => commandService.executeCommands(sample));
  const vary = varied(sent, [sample.commandId, sample.aggregateId]);
  const editAsSent = (lane: number) => bare(lane, vary([newId(), nextPost()]));
  const against = `bare pg, the same ${sent.length === 2 ? "select and statement" : `${sent.length} statements`}`;

  const turn = (work: (lane: number) => Promise<unknown>): Contender<Rate> =>
    async function again(concurrent, ms): Promise<Rate> {
      await refill(); // there are only so many posts
      const rate = await rateOf(work, { concurrent, ms: Math.min(ms, 500) });
      return ms > 500 ? again(concurrent, ms - 500) : rate;
    };
  const contenders = {
    blog: turn(() => commandService.executeCommands(edit(nextPost()))),
    pg: turn(editAsSent),
  };
  await lab.warmUp(contenders);

  for (const concurrent of lab.options.quick ? [1] : [1, 16]) {
    await lab.compare({
      contenders: at(contenders, concurrent, lab.options.ms),
      figures: [
        {
          what: `EditPost of 10 events, ${concurrent} at once`,
          ours: "blog",
          yardstick: "pg",
          against,
          unit: "/s",
          of: ({ perSecond }: Rate) => perSecond,
          target: { atLeast: 0.8 },
        },
      ],
    });
  }
}

const changed = `${content} Edited.`;

function noPostIsLeft(): never {
  throw new Error("Every post has been edited: this machine is faster than the bench has prepared for.");
}
