import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Consumer } from "#sequent/consumer";
import { api } from "./api.ts";
import { openDatabase } from "./database.ts";
import { SearchIndex } from "./search-index.ts";
import { CannotStart, readSettings, type Settings } from "./settings.ts";

try {
  await start(readSettings(process.env));
} catch (error) {
  console.error(error instanceof CannotStart ? error.message : error);
  process.exit(1);
}

async function start({ broker, databaseUrl, port, bindAddress }: Settings): Promise<void> {
  const log = pino({
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    serializers: { err: (error: Error) => error.message },
  });
  const database = await openDatabase(databaseUrl);
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
  process.once("SIGINT", stop).once("SIGTERM", stop); // a second signal ends it at once
}
