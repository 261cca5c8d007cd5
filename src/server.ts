import { EmbeddedPostgres } from "./database/embedded/embedded-postgres.ts";
import { readSettings, SettingsNotValid } from "./settings.ts";

const help = `npm start

Starts the blog: at http://localhost:3000, and on the database of DATABASE_URL or, without it, on the embedded one in
DATA_DIR. It brings the database up to date first. Ctrl-C stops it. "npm run dev" does the same, and starts it again after
each change.

It takes no options. Its settings are in the environment or in .env, as in PORT=4000. See .env.example.`;

const options = process.argv.slice(2);
if (options.length > 0) {
  const isAsked = options.includes("--help") || options.includes("-h");
  if (isAsked) console.log(help);
  else console.error(`Not understood: ${options.join(" ")}\n\n${help}`);
  process.exit(isAsked ? 0 : 1);
}

try {
  const settings = readSettings();
  // The embedded Postgres starts while the rest of the program is still being read. Errors are reported on connecting.
  const embedded = new EmbeddedPostgres(settings.dataDirectory);
  if (!settings.databaseUrl) embedded.start().catch(() => {});
  const { start } = await import("./server/start.ts");
  await start(settings, embedded);
} catch (error) {
  console.error(error instanceof SettingsNotValid ? error.message : error);
  process.exit(1);
}
