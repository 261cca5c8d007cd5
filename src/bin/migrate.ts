import { eventTypes, projectors } from "../blog.ts";
import { connect } from "../database/database.ts";
import { migrate } from "../database/migrate.ts";
import { viewNotices } from "../database/view-notices.ts";
import { readSettings } from "../settings.ts";
import { command } from "./command.ts";
import { Progress } from "./progress.ts";

const help = `npm run migrate

Brings the database up to date: the migrations that have not run, and the views of projectors that are new or have a
higher version than their rows come from. These are built from all that happened while nobody else can write, and so
only where no more than REPLAY_AT_START events have; with more, "npm run replay" does it while the blog goes on.
"npm start" does all of this too; run this where the app may not change its own schema.

The database is DATABASE_URL or, without it, the embedded one in DATA_DIR. See .env.example.`;

await command(help, async () => {
  const settings = readSettings();
  const database = await connect(settings);
  try {
    let progress: Progress | undefined;
    const onProgress = (done: number, total: number) => {
      progress ??= new Progress("Building views", "events", total);
      progress.at(done);
    };
    const atMost = settings.replayAtStart;
    const done = await migrate(database.patient, { projectors, eventTypes, atMost, onProgress });
    progress?.end();
    const what = done.length > 0 ? `ran ${done.join(", ")}` : "nothing to do";
    console.log(`Migrated ${database.description}: ${what}.`);
    for (const notice of await viewNotices(database.patient, projectors)) console.log(notice);
  } finally {
    await database.close();
  }
});
