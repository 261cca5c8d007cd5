import type { Lab } from "./harness/lab.ts";
import { brokers } from "./parts/brokers.ts";
import { emmett } from "./parts/emmett.ts";
import { growth } from "./parts/growth.ts";
import { load } from "./parts/load.ts";
import { pages } from "./parts/pages.ts";
import { partitions } from "./parts/partitions.ts";
import { processes } from "./parts/processes.ts";
import { profile } from "./parts/profile.ts";
import { replay } from "./parts/replay.ts";
import { start } from "./parts/start.ts";
import { subscriptions } from "./parts/subscriptions.ts";
import { writes } from "./parts/writes.ts";

export interface Part {
  readonly about: string;
  /** The expected time. */
  readonly seconds: number;
  readonly run: (lab: Lab) => Promise<void>;
  /** Runs only when named. */
  readonly extra?: true;
  /** Is compared with the baseline in CI. */
  readonly checked?: true;
}

/** All parts, in the order in which they run. */
export const parts: Readonly<Record<string, Part>> = {
  writes: {
    about: "the command service, compared with bare pg and pgbench",
    seconds: 90,
    run: writes,
    checked: true,
  },
  emmett: { about: "the same events and one row, compared with Emmett", seconds: 75, run: emmett },
  pages: {
    about: "POST, GET and conditional GET, compared with plain Express",
    seconds: 90,
    run: pages,
    checked: true,
  },
  load: {
    about: "loading 1,000 events; checking a form",
    seconds: 20,
    run: load,
    checked: true,
  },
  growth: { about: "stores of 1,000, 100,000 and 3,000,000 events", seconds: 180, run: growth },
  start: { about: "time to the first answer, memory under load", seconds: 60, run: start },
  processes: { about: "two web processes, compared with one", seconds: 40, run: processes },
  subscriptions: {
    about: "events after the commit: how many, how soon, and what they cost those who write",
    seconds: 90,
    run: subscriptions,
    extra: true,
  },
  replay: {
    about: "all views built again from 1,000,000 events while the blog runs",
    seconds: 120,
    run: replay,
    extra: true,
  },
  brokers: {
    about:
      "events published to NATS, RabbitMQ and Redis, and their way to a consumer; the brokers have to run",
    seconds: 60,
    run: brokers,
    extra: true,
  },
  partitions: {
    about: "10,000,000 events, in one table and in partitions, compared with 1,000,000; needs 25 GB of disk",
    seconds: 900,
    run: partitions,
    extra: true,
  },
  profile: { about: "the parts of the time of a POST and a GET", seconds: 60, run: profile, extra: true },
};
