import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import knex, { type Knex } from "knex";
import { pino } from "pino";
import { Consumer } from "#sequent/consumer";
import { EmbeddedPostgres } from "../../src/database/embedded/embedded-postgres.ts";
import { api } from "./api.ts";
import { SearchIndex } from "./search-index.ts";
import { CannotStart, readSettings, type Settings } from "./settings.ts";

const log = pino({
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (level) => ({ level }) },
  serializers: { err: (error: Error) => error.message },
});

try {
  await start(readSettings(process.env));
} catch (error) {
  console.error(error instanceof CannotStart ? error.message : error);
  process.exit(1);
}

async function start({ broker, databaseUrl, port, bindAddress }: Settings): Promise<void> {
  const database = await connect(databaseUrl);
  const index = new SearchIndex(database);
  await index.prepare();
  const consumer = new Consumer("Search", { broker, database, handlers: index.handlers, log });
  const countParked = async () => (await consumer.parked()).length;
  const server = createServer(api({ index, countParked, log }));
  await once(server.listen(port, bindAddress), "listening").catch((error) => {
    throw error.code === "EADDRINUSE"
      ? new CannotStart(`Port ${port} is taken. Choose another one, as in PORT=${port + 1}`)
      : error;
  });
  await consumer.start();
  log.info(`The search is at http://${bindAddress}:${(server.address() as AddressInfo).port}`);

  const stop = async () => {
    log.info("stopping");
    server.close();
    await consumer.stop();
    await database.destroy();
    process.exit(0);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
}

/** Knex also throws the errors that it prints. */
const silent = { warn() {}, error() {}, debug() {}, deprecate() {} };

/** The blog gives up after 2 seconds, so no statement may take longer. */
const timeouts = { statement_timeout: 1_500, query_timeout: 2_000 };

async function connect(url: string | undefined): Promise<Knex> {
  const server = url ? { connectionString: url } : new EmbeddedPostgres("data/search").connection;
  const database = knex({ client: "pg", connection: { ...server, ...timeouts }, log: silent });
  await database.raw("select 1").catch((error) => {
    throw new CannotStart(
      `The database cannot be used: ${error.message || error.code}. Set SEARCH_DATABASE_URL to a Postgres of its own, or leave it out.`,
    );
  });
  return database;
}
