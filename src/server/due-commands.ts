import { sendWhenDue } from "#sequent/operations";
import type { Blog } from "../blog.ts";
import type { Logger } from "../web/logging/log.ts";

/** Sends the commands of the blog that are due, and logs each of them. Gives a function that stops it. */
export function startDueCommands(
  { commandService, dueCommands: sources }: Pick<Blog, "commandService" | "dueCommands">,
  log: Logger,
): () => Promise<void> {
  return sendWhenDue({
    commandService,
    sources,
    everyMs: 1_000,
    onSent: ({ class: { type: command }, aggregateId, commandId }, lateMs) =>
      log.info({ command, aggregateId, commandId, lateMs }, "sent when it was due"),
    onError: (error) => log.warn({ err: error }, "what is due waits"),
  });
}
