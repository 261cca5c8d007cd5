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
  const { eventStore, commandService: blog, snapshots } = store.blog;
  const options = { eventStore, commandHandlers, projectors: [PostProjector] };
  const commandService = new CommandService(options);
  const withSnapshots = new CommandService({ ...options, snapshots });
  const run = await startEmmett(await lab.createStore("of_emmett"), lab.cleanup);
  const author = new AddAuthor({ name: "Ada", email: "ada@example.com" });
  await blog.executeCommands(author);
  // The view of the one row is all there is: events would be put aside for those that the service has no projector of.
  await store.database.write.raw(
    "delete from sequent_schema.projector_states where projector <> 'PostProjector'",
  );
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
        mergedRows: () => run({ kind: "mergedRows", concurrent, ms, post }),
        documents: () => run({ kind: "documents", concurrent, ms, post }),
      },
      figures: [
        { ...perSecond, what, yardstick: "rows", against: "Emmett, inline SQL", target: { atLeast: 4 } },
        { ...perSecond, what, yardstick: "mergedRows", against: "Emmett, inline SQL, events merged by hand" },
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

  const { postIds } = await makeHistory(store, { posts: 32, eventsOfPost: 1_000, contentLength: 90 });
  let count = 0;
  const edit = (service: CommandService, aggregateId = "") => {
    count += 1;
    return service.executeCommands(new EditPost({ aggregateId, title: `Edited ${count}`, content }));
  };
  const handler = { ...perSecond, yardstick: "handler", against: "Emmett's CommandHandler" } as const;
  for (const concurrent of [1, 16]) {
    await lab.compare({
      contenders: {
        blog: () => rateOf((lane) => edit(commandService, postIds[lane]), { concurrent, ms }),
        snapshots: () => rateOf((lane) => edit(withSnapshots, postIds[16 + lane]), { concurrent, ms }),
        handler: () => run({ kind: "handler", concurrent, ms, post }),
      },
      figures: [
        { ...handler, what: `EditPost of 1,000 events, ${concurrent} at once`, target: { atLeast: 2.5 } },
        {
          ...handler,
          ours: "snapshots",
          what: `EditPost of 1,000 events, with snapshots, ${concurrent} at once`,
          target: { atLeast: 2.5 },
        },
      ],
    });
  }
}
