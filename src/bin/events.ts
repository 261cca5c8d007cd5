import { isUuid, type RecordedEvent, RecordedLog } from "#sequent/operations";
import { eventTypes } from "../blog.ts";
import type { Database } from "../database/database.ts";
import { command, NotUnderstood, Refused, wholeNumber } from "./command.ts";
import { EventLines, jsonLineOf } from "./event-lines.ts";
import { eventsAfter, followLog } from "./follow-log.ts";
import { withAnyDatabase } from "./with-database.ts";

const help = `npm run events

Shows what has happened: the newest events, the last one at the end. It changes nothing.

  npm run events                 the newest 20
  npm run events -- <id>         all events of one aggregate; its id is in the address of its page
      --limit 100                only the newest 100
      --follow                   goes on with new events, until Ctrl-C
      --json                     a line of JSON for each event, with whole values

Long values are cut. Erased values are [erased], and secrets are [secret]. Personal values are shown.
The database is DATABASE_URL or, without it, the embedded one in DATA_DIR. See .env.example.`;

await command(
  help,
  async ({ values: { limit, json = false, follow = false }, positionals }) => {
    const aggregateId = idIn(positionals);
    const newest = limit === undefined ? undefined : wholeNumber("--limit", limit);
    await withAnyDatabase((database) => run(database, { aggregateId, newest, json, follow }));
  },
  {
    options: { limit: { type: "string" }, json: { type: "boolean" }, follow: { type: "boolean" } },
    allowPositionals: true,
  },
);

interface Wishes {
  readonly aggregateId: string | undefined;
  readonly newest: number | undefined;
  readonly json: boolean;
  readonly follow: boolean;
}

async function run({ read, readPrimary, description }: Database, wishes: Wishes): Promise<void> {
  const { aggregateId, json, follow, newest = aggregateId ? undefined : 20 } = wishes;
  const log = new RecordedLog(readPrimary ?? read, eventTypes);
  if (!(await log.isThere()))
    throw new Refused(`There is nothing in ${description} yet. Run "npm start" first.`);
  const [any] = await log.after(undefined, 1, { aggregateId });
  if (!any && aggregateId) throw new Refused(`There is no aggregate ${aggregateId} in ${description}.`);
  if (!any) console.error(`Nothing has happened yet in ${description}. ${advice(follow)}`);

  const which = { aggregateId, isSettled: follow };
  const before = newest === undefined ? undefined : await log.beforeNewest(newest, which);
  if (before !== undefined && !json) console.log("… there are earlier events: see --limit");
  const lines = new EventLines(eventTypes.classes.map(({ type }) => type));
  const { signal } = stopping();
  const show = (event: RecordedEvent) => {
    for (const line of json ? [jsonLineOf(event)] : lines.linesOf(event)) console.log(line);
  };
  if (follow) return followLog({ log, after: before, aggregateId, show, say: console.error, signal });
  for await (const event of eventsAfter(log, before, which)) {
    if (signal.aborted) return;
    show(event);
  }
}

/** Stops at Ctrl-C, and when a reader such as `| head` has seen enough. */
function stopping(): AbortController {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  process.stdout.once("error", () => stop.abort());
  return stop;
}

function idIn([id, another]: readonly string[]): string | undefined {
  if (another !== undefined) throw new NotUnderstood(`One id is enough: "${another}" is too much.`);
  if (id !== undefined && !isUuid(id.toLowerCase()))
    throw new Refused(`"${id}" is not an id. The id of an aggregate is in the address of its page.`);
  return id?.toLowerCase();
}

function advice(follow: boolean): string {
  return follow
    ? "Waiting for the first event … (Ctrl-C ends)"
    : 'Events come from commands: send a form in the pages of "npm start", or a command in "npm run console".';
}
