import { createBlog, eventTypes, projectors } from "../blog.ts";
import { connect } from "../database/database.ts";
import { migrate } from "../database/migrate.ts";
import { seed } from "../seed/seed.ts";
import { readSettings } from "../settings.ts";
import { command } from "./command.ts";

const help = `Fills the blog with five authors and their posts, so that there is something to look at.

  npm run seed            into DATABASE_URL, or into the embedded Postgres without it
  npm run seed -- --help  this text

It sends the same commands as the pages do. Run twice, it adds nothing the second time.`;

await command(help, async () => {
  const database = await connect(readSettings());
  try {
    await migrate(database.patient, { projectors, eventTypes });
    const { commandService } = createBlog(database);
    await seed(commandService, showProgress);
    console.log(`\nThe blog on ${database.description} has something to read now: npm start`);
  } finally {
    await database.close();
  }
});

/** One line that grows in a terminal, one line for each step elsewhere. */
function showProgress(done: number, total: number, what: string): void {
  const line = `${String(done).padStart(String(total).length)}/${total}  ${what}`;
  if (process.stdout.isTTY) process.stdout.write(`\r\u001B[K${line}`);
  else console.log(line);
}
