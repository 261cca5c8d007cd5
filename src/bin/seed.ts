import { createBlog, eventTypes, projectors } from "../blog.ts";
import { bringUpToDate } from "../database/migrate.ts";
import { seed } from "../seed/seed.ts";
import { byProgram } from "./by-program.ts";
import { command } from "./command.ts";
import { Progress } from "./progress.ts";
import { withAnyDatabase } from "./with-database.ts";

const help = `Fills the blog with five authors and their posts, so that there is something to look at.

  npm run seed            into DATABASE_URL, or into the embedded Postgres without it
  npm run seed -- --help  this text

It sends the same commands as the pages do. Run twice, it adds nothing the second time.`;

await command(help, () =>
  withAnyDatabase(async (database) => {
    const filters = [byProgram("npm run seed")];
    await bringUpToDate(database, { projectors, eventTypes });
    const progress = new Progress("Writing", "authors and posts");
    await seed((clock) => createBlog({ ...database, filters, clock }).commandService, progress.at);
    progress.end();
    console.log(
      `The blog on ${database.description} has something to read now. If it is not running: npm start`,
    );
  }),
);
