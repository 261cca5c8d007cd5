import { EmbeddedPostgres } from "./database/embedded/embedded-postgres.ts";
import { readSettings, SettingsNotValid } from "./settings.ts";

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
