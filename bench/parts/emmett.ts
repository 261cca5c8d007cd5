import { commandHandlers } from "../../src/blog.ts";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, EditPost } from "../../src/domain/post/commands.ts";
import { CommandService } from "../../src/framework/index.ts";
import { PostProjector } from "../../src/projections/post-projector.ts";
import { makeHistory } from "../harness/history.ts";
import type { Lab } from "../harness/lab.ts";
import { type Rate, rateOf } from "../harness/rate.ts";
import { installEmmett, startEmmett } from "../yardsticks/emmett.ts";
import { content, title } from "./writes/add-posts.ts";

/** The same events with a view of one row, by us and by Emmett, each in a process and a database of its own. */
export async function emmett(lab: Lab): Promise<void> {
  if (lab.isEmbedded) return lab.note("Emmett was left out: it needs a server, so set DATABASE_URL.");
  lab.say("installing Emmett, once");
  if (!(await installEmmett())) return lab.note("Emmett was left out: it could not be installed.");
  const { ms } = lab.options;
  const store = await lab.createStore();
  const { eventStore, commandService: blog } = store.blog;
  const commandService = new CommandService({ eventStore, commandHandlers, projectors: [PostProjector] });
  const run = await startEmmett(await lab.createStore("of_emmett"), lab.cleanup);
  const author = new AddAuthor({ name: "Ada", email: "ada@example.com" });
  await blog.executeCommands(author);
  const post = { author: author.aggregateId, title, content };
  const perSecond = { unit: "/s", of: (rate: Rate) => rate.perSecond, ours: "blog" } as const;

  for (const concurrent of [1, 16]) {
    const what = `AddPost with a view of one row, ${concurrent} at once`;
    const add = () =>
      commandService.executeCommands(new AddPost({ authorAggregateId: author.aggregateId, title, content }));
    await lab.compare({
      contenders: {
        blog: () => rateOf(add, { concurrent, ms }),
        rows: () => run({ kind: "rows", concurrent, ms, post }),
        documents: () => run({ kind: "documents", concurrent, ms, post }),
      },
      figures: [
        { ...perSecond, what, yardstick: "rows", against: "Emmett, inline SQL", target: { atLeast: 4 } },
        {
          ...perSecond,
          what,
          yardstick: "documents",
          against: "Emmett, inline document",
          target: { atLeast: 9 },
        },
      ],
    });
  }

  const { postIds } = await makeHistory(store, { posts: 16, eventsOfPost: 1_000, contentLength: 90 });
  let count = 0;
  const edit = (lane: number) => {
    count += 1;
    const aggregateId = postIds[lane] ?? "";
    return commandService.executeCommands(new EditPost({ aggregateId, title: `Edited ${count}`, content }));
  };
  for (const concurrent of [1, 16]) {
    await lab.compare({
      contenders: {
        blog: () => rateOf(edit, { concurrent, ms }),
        handler: () => run({ kind: "handler", concurrent, ms, post }),
      },
      figures: [
        {
          ...perSecond,
          what: `EditPost of 1,000 events, ${concurrent} at once`,
          yardstick: "handler",
          against: "Emmett's CommandHandler",
          target: { atLeast: 2.5 },
        },
      ],
    });
  }
}
