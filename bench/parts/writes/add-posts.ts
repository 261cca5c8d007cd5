import { AddAuthor } from "../../../src/domain/author/commands.ts";
import { AddPost } from "../../../src/domain/post/commands.ts";
import { at, type Lab } from "../../harness/lab.ts";
import { contender, type Rate } from "../../harness/rate.ts";
import { type Sent, statementsOf, withFreshIds } from "../../harness/sent-statements.ts";
import type { Store } from "../../harness/store.ts";
import type { BarePg } from "../../yardsticks/bare-pg.ts";
import { hasPgbench, pgbench, pgbenchScript } from "../../yardsticks/pgbench.ts";

export const title = "A title that is as long as titles are";
export const content =
  "What one writes about, in a few words that say what there is to say, and not much more.";

export async function addPosts(lab: Lab, store: Store, bare: BarePg): Promise<void> {
  const { ms, quick } = lab.options;
  const { commandService } = store.blog;
  const author = new AddAuthor({ name: "Ada", email: "ada@example.com" });
  await commandService.executeCommands(author);
  const newPost = () => new AddPost({ authorAggregateId: author.aggregateId, title, content });

  const sample = newPost();
  const ids = [sample.commandId, sample.aggregateId];
  const sent = await statementsOf(() => commandService.executeCommands(sample));
  const anew = withFreshIds(sent, ids);
  const script = await scriptFor(lab, store, sent, ids);

  const contenders = {
    blog: contender(() => commandService.executeCommands(newPost())),
    pg: contender((lane) => bare(lane, anew())),
  };
  await lab.warmUp(contenders);
  for (const concurrent of quick ? [1, 16] : [1, 4, 16]) {
    const what = `AddPost, ${concurrent} at once`;
    const common = { what, ours: "blog", unit: "/s", of: ({ perSecond }: Rate) => perSecond } as const;
    await lab.compare({
      contenders: {
        ...at(contenders, concurrent, ms),
        pgbench: script ? () => pgbench(store, script, { concurrent, ms, cleanup: lab.cleanup }) : undefined,
      },
      figures: [
        { ...common, yardstick: "pg", against: "bare pg, the same statement", target: { atLeast: 0.8 } },
        { ...common, yardstick: "pgbench", against: "pgbench, the same statement" },
      ],
    });
  }
}

async function scriptFor(lab: Lab, store: Store, [statement]: readonly Sent[], ids: readonly string[]) {
  if (lab.options.quick || !statement) return undefined;
  if (await hasPgbench()) return pgbenchScript(store, statement, ids);
  lab.note("pgbench was left out: it is not installed, or it cannot reach the server.");
  return undefined;
}
