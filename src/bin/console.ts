import { RecordedLog } from "#sequent/operations";
import { aggregates, commandClasses, createBlog, eventTypes, projectors } from "../blog.ts";
import { bringUpToDate } from "../database/migrate.ts";
import { byProgram } from "./by-program.ts";
import { command } from "./command.ts";
import { bannerOf } from "./console-banner.ts";
import { exampleOf } from "./console-example.ts";
import { runLines, talk } from "./console-session.ts";
import { messages, program, wordsOf } from "./console-words.ts";
import { withAnyDatabase } from "./with-database.ts";

const help = `npm run console

A JavaScript console with the whole blog: all commands, events and aggregates by their names, and

  commandService  await commandService.executeCommands(new …({ … })), as the pages do
  ask             await ask("…", { … }), or a query as pages write it: await ask({ type: "…", … })
  load            await load(Class, id): the aggregate, from its events
  given           await given(Event.of(id, { … })): stores events without a command, so that pages show them. No rule is
                  checked and no workflow reacts. Not in production.
  blog, queries, log, messages, newId

It also takes lines from another program: echo 'await ask("…", { … })' | npm run console
Then it ends with 1 if a line fails. The blog may run meanwhile.
The database is DATABASE_URL or, without it, the embedded one in DATA_DIR. See .env.example.`;

await command(help, () =>
  withAnyDatabase(async (database, settings) => {
    const blog = createBlog({ ...database, filters: [byProgram(program)] });
    await bringUpToDate(database, { projectors, eventTypes, atMost: settings.replayAtStart });
    const log = new RecordedLog(database.write, eventTypes);
    const taken = Object.keys(messages).filter((name) => name in globalThis);
    const free = Object.entries(messages).filter(([name]) => !taken.includes(name));
    const words = Object.assign(Object.fromEntries(free), wordsOf(blog, log, settings));
    if (process.stdin.isTTY && process.stdout.isTTY) {
      const { commandService } = blog;
      const example = await exampleOf({ log, commandService, aggregates, commandClasses });
      console.log(bannerOf({ description: database.description, example, taken }));
      await talk(words, settings.dataDirectory);
    } else await runLines(words);
    await blog.snapshots.stop();
  }),
);
