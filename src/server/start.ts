import cluster from "node:cluster";
import { errorText, NotWired } from "#sequent/operations";
import { accounts } from "../accounts.ts";
import { createBlog } from "../blog.ts";
import { DatabaseUnavailable } from "../database/check-server.ts";
import { connect, type Database } from "../database/database.ts";
import type { EmbeddedPostgres } from "../database/embedded/embedded-postgres.ts";
import { explained } from "../database/explain.ts";
import { requireMail, type Settings } from "../settings.ts";
import { createLog, type Logger } from "../web/logging/log.ts";
import { startWorkers } from "./cluster.ts";
import { mailParts } from "./mailing.ts";
import { whyNotListening } from "./not-listening.ts";
import { prepare, serve } from "./serve.ts";

/** Starts the blog with these settings, in this process or in several. If it cannot start, the process ends. */
export async function start(settings: Settings, embedded: EmbeddedPostgres): Promise<void> {
  if (accounts) requireMail(settings);
  const log = createLog({ level: settings.logLevel, pretty: process.stdout.isTTY && !settings.production });
  try {
    const database = await connect(settings, embedded);
    await startOn(database, settings, log).catch(async (error) => {
      throw await explained(error, database);
    });
  } catch (error) {
    console.error(explain(error));
    process.exit(1);
  }
}

async function startOn(database: Database, settings: Settings, log: Logger): Promise<void> {
  const { write, read, background } = database;
  // First, because a program whose parts do not fit together must not change anything.
  const blog = createBlog({
    write,
    read,
    background,
    subscriptionsToRun: settings.subscriptions,
    subscriptionLog: log,
    broker: settings.broker,
    mailing: await mailParts(settings, database, log),
    confirmAddress: settings.confirmAddress,
    onSnapshotError: (error) => log.error({ err: error }, "snapshot not taken"),
    onAfterCommitError: (error) => log.error({ err: error }, "task after the commit failed"),
  });
  if (cluster.isWorker) {
    await serve(settings, database, log, blog);
    return;
  }
  await prepare(settings, database, log);
  let port: number | undefined;
  if (settings.webConcurrency > 1) {
    await database.close();
    port = await startWorkers(settings.webConcurrency, log);
    if (port === undefined) process.exit(1); // the worker has logged why
  } else {
    port = await serve(settings, database, log, blog);
  }
  for (const warning of warnings(settings)) log.warn(warning);
  log.info(`The blog is at ${settings.publicUrl ?? addressOf(settings, port)} on ${database.description}`);
}

function addressOf({ bindAddress = "localhost" }: Settings, port: number | undefined): string {
  const isAny = /^[0:.]+$/.test(bindAddress);
  const host = isAny ? "localhost" : bindAddress.includes(":") ? `[${bindAddress}]` : bindAddress;
  return `http://${host}:${port}`;
}

function warnings({ production, publicUrl }: Settings): string[] {
  if (!production && publicUrl?.startsWith("https:"))
    return ["NODE_ENV is not production: the pages of errors show what is in the program"];
  if (!production) return [];
  if (publicUrl === undefined) return ["PUBLIC_URL is not set: only addresses and local names are answered"];
  return publicUrl.startsWith("https:")
    ? []
    : ["PUBLIC_URL is not https: cookies and forms can be read on the way"];
}

/** One line if a person can do something about it; the whole error if it is our fault. */
function explain(error: unknown): string {
  if (error instanceof DatabaseUnavailable || error instanceof NotWired) return error.message;
  return whyNotListening(error) ?? errorText(error);
}
