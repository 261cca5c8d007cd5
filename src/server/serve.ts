import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { dueProjectors, keepUp, subscriptionStates } from "#sequent/operations";
import { accounts } from "../accounts.ts";
import { type Blog, createBlog, eventTypes, projectors, queriesOn } from "../blog.ts";
import type { Database } from "../database/database.ts";
import { bringUpToDate, isMigrated, refuseChangedTables } from "../database/migrate.ts";
import { RateLimits } from "../database/rate-limits.ts";
import { replication } from "../database/replication.ts";
import { PostgresSignInStore } from "../database/sign-in/sign-in-store.ts";
import { lossFindings } from "../doctor/loss.ts";
import { viewFindings } from "../doctor/views.ts";
import { SearchService } from "../search/search-service.ts";
import type { Settings } from "../settings.ts";
import { createApp } from "../web/app.ts";
import type { Logger } from "../web/logging/log.ts";
import type { Primary } from "../web/own-writes.ts";
import type { MetricsOptions } from "../web/pages/metrics.ts";
import { startDueCommands } from "./due-commands.ts";
import { finishErasureOn } from "./finish-erasure.ts";
import { gracefulStop } from "./graceful-stop.ts";
import { httpServer } from "./http-server.ts";
import { mailing } from "./mailing.ts";
import { keptSessionSecret } from "./session-secret.ts";

/** Serves the blog in this process, until a signal stops it. Returns the port. */
export async function serve(
  settings: Settings,
  database: Database,
  log: Logger,
  blog: Blog,
): Promise<number> {
  const server = httpServer(await createWeb(settings, database, log, blog));
  await once(server.listen(settings.port, settings.bindAddress), "listening");
  const stopKeepingUp = keepUp({
    eventStore: blog.eventStore,
    projectors,
    everyMs: 250,
    onError: (error) => log.warn({ err: error }, "deferred events of other builds are not projected yet"),
  });
  const stopDueCommands = startDueCommands(blog, log);
  blog.subscriptions.start();
  const finish = async () => {
    await Promise.all([
      ...[stopKeepingUp(), stopDueCommands()],
      ...[blog.snapshots.stop(), blog.subscriptions.stop()],
    ]);
    await database.close();
  };
  gracefulStop({ server, log, finish });
  return (server.address() as AddressInfo).port;
}

/** The blog and its pages, with these settings. */
export async function createWeb(
  settings: Settings,
  database: Database,
  log: Logger,
  { commandService, queries }: Blog = createBlog({ ...database, confirmAddress: settings.confirmAddress }),
): Promise<Express> {
  const { mailer, mailbox } = mailing(settings, database, log);
  return createApp({
    signIn: accounts && { accounts, mailer, store: new PostgresSignInStore(database.write, accounts) },
    mailbox,
    search: searchOf(settings, log),
    finishErasure: finishErasureOn(database, { commandService }, log),
    commandService,
    queries,
    primary: primaryOf(database),
    publicUrl: settings.publicUrl,
    trustProxy: settings.trustProxy,
    sessionSecret: settings.sessionSecret ?? (await keptSessionSecret(settings.dataDirectory)),
    log,
    rateLimits: settings.rateLimit ? new RateLimits(database.write) : undefined,
    isReady: readiness(database),
    metrics: metricsOf(settings, database),
    showErrors: !settings.production,
  });
}

function searchOf({ searchUrl }: Settings, log: Logger): SearchService | undefined {
  return searchUrl === undefined
    ? undefined
    : new SearchService(searchUrl, (reason) => log.warn({ reason }, "search is away"));
}

/** Brings the database up to date, and logs what is left to do. */
export async function prepare(settings: Settings, database: Database, log: Logger): Promise<void> {
  const onProgress = (done: number, total: number, names: readonly string[]) =>
    log.info({ done, total, projectors: names }, "building views");
  await bringUpToDate(database, { projectors, eventTypes, atMost: settings.replayAtStart, onProgress });
  await refuseChangedTables(database.write, projectors);
  const findings = [
    await lossFindings(database.write),
    await viewFindings(database.write, projectors),
  ].flat();
  for (const { what, mend } of findings) log.warn(`${what} (${mend})`);
}

/** The server where commands are stored, if pages read from another one. */
function primaryOf({ read, readPrimary }: Database): Primary | undefined {
  if (!readPrimary) return undefined;
  return {
    queries: queriesOn(readPrimary),
    ...replication({ primary: readPrimary, replica: read }),
  };
}

function metricsOf({ metricsToken: token }: Settings, { write }: Database): MetricsOptions | undefined {
  return token === undefined ? undefined : { token, subscriptions: () => subscriptionStates(write) };
}

/** A newer build is ready when its views are live, also on the server that pages read from. Until then, older builds serve. */
function readiness({ write, read }: Database): () => Promise<boolean> {
  let migrated = false;
  return async () => {
    migrated ||= await isMigrated(write);
    if (!migrated) return false;
    const due = await Promise.all([write, read].map((knex) => dueProjectors(knex, projectors)));
    return due.flat().length === 0;
  };
}
