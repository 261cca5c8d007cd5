import { CommandService } from "#sequent/operations";
import { byProgram } from "../../src/bin/by-program.ts";
import { commandHandlers } from "../../src/blog.ts";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, EditPost } from "../../src/domain/post/commands.ts";
import { PostProjector } from "../../src/projections/post/projector.ts";
import { makeHistory } from "../harness/history.ts";
import { at, type Contender, type Lab } from "../harness/lab.ts";
import { contender, type Rate } from "../harness/rate.ts";
import type { Job } from "../yardsticks/emmett/program.ts";
import { installEmmett, startEmmett } from "../yardsticks/emmett.ts";
import { content, title } from "./writes/add-posts.ts";

/** The same events and a view of one row, by the blog and by Emmett, each with its own process and database. */
export async function emmett(lab: Lab): Promise<void> {
  lab.say("installing Emmett, once");
  if (!(await installEmmett())) return lab.note("Emmett was left out: it could not be installed.");
  const { ms } = lab.options;
  const store = await lab.createStore();
  const { eventStore, commandService: blog, snapshots } = store.blog;
  const filters = [byProgram("npm run bench")];
  const options = { eventStore, commandHandlers, projectors: [PostProjector], filters };
  const commandService = new CommandService(options);
  const withSnapshots = new CommandService({ ...options, snapshots });
  const run = await startEmmett(await lab.createStore("of_emmett"), lab.cleanup);
  const author = new AddAuthor({ name: "Ada", email: "ada@example.com" });
  await blog.executeCommands(author);
  // Removes all other views. The service has no projectors for them, so it would defer events.
  await store.database.write.raw(
    "delete from sequent_schema.projector_states where projector <> 'PostProjector'",
  );
  const post = { author: author.aggregateId, title, content };
  const perSecond = { unit: "/s", of: (rate: Rate) => rate.perSecond, ours: "blog" } as const;

  const theirs =
    (kind: Job["kind"]): Contender<Rate> =>
    (concurrent, ms) =>
      run({ kind, concurrent, ms, post });

  const adding = {
    blog: contender(() =>
      commandService.executeCommands(new AddPost({ authorAggregateId: author.aggregateId, title, content })),
    ),
    rows: theirs("rows"),
    mergedRows: theirs("mergedRows"),
    documents: theirs("documents"),
  };
  await lab.warmUp(adding);
  for (const concurrent of [1, 16]) {
    const what = `AddPost with a view of one row, ${concurrent} at once`;
    await lab.compare({
      contenders: at(adding, concurrent, ms),
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

  const { postIds } = await makeHistory(store, { posts: 128, eventsOfPost: 1_000, contentLength: 90 });
  let count = 0;
  /** In turn, so that they hardly grow. */
  const edit = (service: CommandService, posts: string[]) => async () => {
    count += 1;
    const aggregateId = posts.shift() ?? "";
    await service.executeCommands(new EditPost({ aggregateId, title: `Edited ${count}`, content }));
    posts.push(aggregateId);
  };
  const editing = {
    blog: contender(edit(commandService, postIds.slice(0, 64))),
    snapshots: contender(edit(withSnapshots, postIds.slice(64))),
    handler: theirs("handler"),
  };
  await lab.warmUp(editing);
  const handler = { ...perSecond, yardstick: "handler", against: "Emmett's CommandHandler" } as const;
  for (const concurrent of [1, 16]) {
    await lab.compare({
      contenders: at(editing, concurrent, ms),
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
