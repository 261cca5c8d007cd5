import { makeHistory } from "../harness/history.ts";
import type { Lab } from "../harness/lab.ts";
import type { Store } from "../harness/store.ts";
import { copyViews, dropCopies } from "../yardsticks/copy-views.ts";
import { installEmmett, startEmmett } from "../yardsticks/emmett.ts";
import { statementPerEvent } from "../yardsticks/statement-per-event.ts";
import { type ReplayRun, runReplay } from "./replay/replay-process.ts";
import { answersMeanwhile, pausesAtSwitches } from "./replay/under-load.ts";
import { content, title } from "./writes/add-posts.ts";

const eventsOfPost = 5;

/** Builds all views again from 1,000,000 events with `npm run replay`, and measures pages and forms meanwhile. */
export async function replay(lab: Lab): Promise<void> {
  const events = lab.options.quick ? 200_000 : 1_000_000;
  const store = await lab.createStore();
  lab.say(`making ${events.toLocaleString("en")} events`);
  const made = await makeHistory(store, { posts: events / eventsOfPost, eventsOfPost });
  const perSecond = await besideTheLimit(lab, store, events);
  await besideOthers(lab, store, perSecond);
  const site = { store, ...made };
  await answersMeanwhile(lab, site);
  await pausesAtSwitches(lab, site);
}

/** The events a second of two workers. */
async function besideTheLimit(lab: Lab, store: Store, events: number): Promise<number> {
  const { patient } = store.database;
  const copy = await copyViews(store, lab.cleanup);
  const runs: ReplayRun[] = [];
  const replayBy = async (workers: number) => {
    const run = await runReplay(store, ["--all", "--workers", String(workers)], lab.cleanup);
    runs.push(run);
    await patient.raw("checkpoint").catch(() => {}); // only with the necessary rights
    return events / run.seconds;
  };
  const question = { yardstick: "limit", against: "COPY out and in", unit: "/s" } as const;
  const of = (perSecond: number) => perSecond;
  const what = (workers: string) => `events replayed by ${workers}`;
  const target = { atLeast: 0.6 };
  await lab.compare(
    {
      contenders: {
        one: () => replayBy(1),
        two: () => replayBy(2),
        limit: async () => {
          const started = performance.now();
          await copy();
          const seconds = (performance.now() - started) / 1_000;
          await patient.raw(dropCopies);
          return events / seconds;
        },
      },
      figures: [
        { ...question, what: what("one worker"), ours: "one", of },
        { ...question, what: what("two workers"), ours: "two", of, target },
      ],
    },
    lab.options.quick ? 1 : 2,
  );
  const memory = runs.map(({ megabytes }) => megabytes);
  lab.withinLimit("highest memory of a replay and its workers", memory, {
    limit: 512,
    unit: "MB",
    of: (values) => Math.max(...values),
  });
  return lab.figures.findLast(({ what }) => what.endsWith("two workers"))?.ours ?? Number.NaN;
}

/** These are too slow for all events. They replay some of them, and the rates are compared. */
async function besideOthers(lab: Lab, store: Store, ours: number): Promise<void> {
  const [few, posts] = [10_000, 2_000];
  const add = (against: string, yardstick: number, atLeast: number) =>
    lab.add({
      ...{ part: "replay", what: "events replayed by two workers", against, unit: "/s", ours, yardstick },
      ...{ ratio: ours / yardstick, rounds: [ours / yardstick], target: { atLeast } },
    });
  lab.say("a statement for each event");
  add(`a statement for each of ${few.toLocaleString("en")} events`, await statementPerEvent(store, few), 20);
  if (!(await installEmmett())) return lab.note("Emmett was left out: it could not be installed.");
  lab.say("Emmett's rebuild");
  const run = await startEmmett(await lab.createStore("rebuild_of_emmett"), lab.cleanup);
  const post = { author: "Ada", title, content };
  const { perSecond } = await run({ kind: "rebuild", concurrent: posts, ms: 0, post });
  add(`Emmett's rebuild from ${(posts * 5).toLocaleString("en")} events`, perSecond, 10);
}
