import { createBlog } from "../blog.ts";
import { connect } from "../database/database.ts";
import type { Settings } from "../settings.ts";
import { createLog } from "../web/logging/log.ts";
import { startDueCommands } from "./due-commands.ts";
import { stopOnSignal } from "./graceful-stop.ts";
import { mailParts } from "./mailing.ts";
import { prepare } from "./serve.ts";

/** Runs the subscriptions of the blog, and sends what is due, without its pages, until a signal stops it. */
export async function startWorker(settings: Settings): Promise<void> {
  const log = createLog({ level: settings.logLevel, pretty: process.stdout.isTTY && !settings.production });
  const database = await connect(settings);
  try {
    const blog = createBlog({
      ...database,
      subscriptionsToRun: settings.subscriptions,
      subscriptionLog: log,
      broker: settings.broker,
      mailing: await mailParts(settings, database, log),
      onSnapshotError: (error) => log.error({ err: error }, "snapshot not taken"),
      onAfterCommitError: (error) => log.error({ err: error }, "task after the commit failed"),
    });
    await prepare(settings, database, log);
    const told = new Promise<void>((resolve) => stopOnSignal(resolve));
    blog.subscriptions.start();
    const stopDueCommands = startDueCommands(blog, log);
    log.info(`The worker runs subscriptions on ${database.description}`);
    await told;
    log.info("stopping");
    await Promise.all([blog.subscriptions.stop(), stopDueCommands(), blog.snapshots.stop()]);
  } finally {
    await database.close();
  }
}
