import {
  forgetSubscription,
  isUuid,
  pauseSubscription,
  resetSubscription,
  resumeSubscription,
  retryParked,
  type SubscriptionState,
  skipParked,
  subscriptionStates,
} from "#sequent/operations";
import { subscriptionsOf } from "../blog.ts";
import type { Database } from "../database/database.ts";
import { type Arguments, command, NotUnderstood, Refused } from "./command.ts";
import { withDatabase } from "./with-database.ts";

const help = `npm run subscriptions

Shows where each subscription stands: how far behind it is, who works for it, and what it has parked.

  npm run subscriptions                          the list; --json gives it to another program
  npm run subscriptions -- retry X [<id>]        tries what is parked again now: all of it, or one aggregate
  npm run subscriptions -- skip X <id>           leaves out the event that this aggregate waits for
  npm run subscriptions -- reset X --to <where>  moves it to beginning, now, or a position such as 1:4711:42
  npm run subscriptions -- pause X               stops the work for it in all processes, also after a restart
  npm run subscriptions -- resume X              lets it go on
  npm run subscriptions -- forget X              deletes it, if this build does not have it any more

If it is moved back, it handles events again: mails are sent twice. The blog may run meanwhile. The database is DATABASE_URL
or, without it, the embedded one in DATA_DIR. See .env.example.`;

const options = { json: { type: "boolean" }, to: { type: "string" } } as const;

type Values = Arguments<{ options: typeof options }>["values"];

interface Wishes {
  readonly id: string | undefined;
  readonly to: string | undefined;
}

/** Each gives the line to show. */
const changes: Readonly<
  Record<string, (database: Database, name: string, wishes: Wishes) => Promise<string>>
> = {
  async retry({ write }, name, { id }) {
    const count = await retryParked(write, name, id);
    if (id !== undefined && count === 0) throw notParked(name, id);
    return `${countOf(count, "aggregate")} of ${name} ${count === 1 ? "is" : "are"} tried again now.`;
  },
  async skip({ write }, name, { id }) {
    if (id === undefined) throw new NotUnderstood("Say which aggregate: its id is in the list.");
    if (!(await skipParked(write, name, id))) throw notParked(name, id);
    return `${name} leaves out one event of ${id}. Its later events come next.`;
  },
  async reset({ write }, name, { to }) {
    if (to === undefined || !/^(beginning|now|\d+:\d+:\d+)$/.test(to))
      throw new NotUnderstood("Say where to, as in --to beginning, --to now or --to 1:4711:42");
    await resetSubscription(write, name, to);
    return `${name} goes on from ${to}. What it had parked is forgotten.`;
  },
  async pause({ write }, name) {
    await pauseSubscription(write, name, "by hand");
    return `${name} is paused.`;
  },
  async resume({ write }, name) {
    await resumeSubscription(write, name);
    return `${name} goes on.`;
  },
  async forget(database, name) {
    if (subscriptionsOf(database).some((each) => each.class.savedName === name))
      throw new Refused(`This build has ${name}. Take it out of src/blog.ts first.`);
    await forgetSubscription(database.write, name);
    return `${name} is forgotten.`;
  },
};

await command(
  help,
  async ({ values, positionals }) => {
    const task = taskOf(values, positionals);
    await withDatabase(task);
  },
  { options, allowPositionals: true },
);

type Task = (database: Database) => Promise<void>;

function taskOf({ json = false, to }: Values, [word, name, id, ...more]: readonly string[]): Task {
  const wordsWithId = ["retry", "skip"];
  if (more.length > 0 || (id !== undefined && !wordsWithId.includes(word ?? "")))
    throw new NotUnderstood(`"${more[0] ?? id}" is too much.`);
  if (id !== undefined && !isUuid(id)) throw new NotUnderstood(`"${id}" is not the id of an aggregate.`);
  if (to !== undefined && word !== "reset") throw new NotUnderstood("--to is for reset.");
  if (word === undefined) return (database) => list(database, json);
  if (json) throw new NotUnderstood("--json is for the list.");
  const change = changes[word];
  if (!change) throw new NotUnderstood(`"${word}" is not one of ${Object.keys(changes).join(", ")}.`);
  if (name === undefined) throw new NotUnderstood(`Say which subscription, as in "${word} WelcomeMails".`);
  return async (database) => {
    const known = (await subscriptionStates(database.write)).map((each) => each.name);
    if (!known.includes(name))
      throw new Refused(`There is no subscription ${name}. There are: ${known.join(", ") || "none"}.`);
    console.log(await change(database, name, { id, to }));
  };
}

async function list({ write }: Database, json: boolean): Promise<void> {
  const states = await subscriptionStates(write);
  if (json) return console.log(JSON.stringify(states, null, 2));
  if (states.length === 0)
    console.log("There are no subscriptions yet. They begin when the blog or a worker starts.");
  for (const state of states) for (const line of linesOf(state)) console.log(line);
}

function linesOf({
  name,
  position,
  owner,
  paused,
  eventsBehind,
  secondsBehind,
  parked,
}: SubscriptionState): string[] {
  const place =
    eventsBehind === 0 ? "up to date" : `${countOf(eventsBehind, "event")} and ${secondsBehind} s behind`;
  const worker =
    paused === null ? (owner === null ? "nobody works for it" : `process ${owner}`) : `paused: ${paused}`;
  return [
    `${name}  ${place}, at ${position}, ${worker}`,
    ...parked.map(
      ({ aggregateId, nextNumber, retryAt, error }) =>
        `  parked: ${aggregateId} from its event ${nextNumber}, ${retryAt ? `again at ${retryAt}` : "not tried again by itself"}: ${error}`,
    ),
  ];
}

function countOf(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? what : `${what}s`}`;
}

function notParked(name: string, id: string): Refused {
  return new Refused(`${name} has not parked ${id}.`);
}
