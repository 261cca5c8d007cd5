import { createHash, timingSafeEqual } from "node:crypto";
import { type Request, type RequestHandler, Router } from "express";
import type { SubscriptionState } from "#sequent/operations";

export interface MetricsOptions {
  /** Whoever asks has to know it. */
  readonly token: string;
  readonly subscriptions: () => Promise<readonly SubscriptionState[]>;
}

interface Figure {
  readonly name: string;
  readonly help: string;
  readonly of: (state: SubscriptionState) => number;
}

/** All of them come from the database, so each process gives the same answer. */
const figures: readonly Figure[] = [
  {
    name: "sequent_subscription_events_behind",
    help: "Events that are stored and not handled yet, at most 100000.",
    of: ({ eventsBehind }) => eventsBehind,
  },
  {
    name: "sequent_subscription_seconds_behind",
    help: "How long the first of these events has been stored.",
    of: ({ secondsBehind }) => secondsBehind,
  },
  {
    name: "sequent_subscription_parked_aggregates",
    help: "Aggregates whose events wait, because one of them could not be handled.",
    of: ({ parked }) => parked.length,
  },
  {
    name: "sequent_subscription_working",
    help: "1 if a process works for the subscription.",
    of: ({ owner }) => Number(owner !== null),
  },
  {
    name: "sequent_subscription_paused",
    help: "1 if the subscription is paused.",
    of: ({ paused }) => Number(paused !== null),
  },
];

/** For Prometheus, and all who read its format: where each subscription stands. */
export function metricsRoutes({ token, subscriptions }: MetricsOptions): RequestHandler {
  const router = Router();
  router.get("/metrics", async (req, res) => {
    res.set("Cache-Control", "no-store").type("text");
    if (!isAuthorized(req, token)) {
      res.status(401).set("WWW-Authenticate", "Bearer").send("The token is missing or wrong.\n");
      return;
    }
    const states = await subscriptions();
    res.type("text/plain; version=0.0.4").send(figures.map((figure) => textOf(figure, states)).join(""));
  });
  return router;
}

function isAuthorized(req: Request, token: string): boolean {
  return timingSafeEqual(digest(req.get("authorization") ?? ""), digest(`Bearer ${token}`));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function textOf({ name, help, of }: Figure, states: readonly SubscriptionState[]): string {
  const lines = states.map((state) => `${name}{subscription="${state.name}"} ${of(state)}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}
