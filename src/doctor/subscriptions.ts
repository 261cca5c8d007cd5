import { subscriptionStates } from "#sequent/operations";
import { type Check, type Finding, orOk, problem, warning } from "./finding.ts";

/** Subscriptions that stand still, come late, or have parked something. */
export const subscriptions: Check = async ({ knex, patience, subscriptions = [] }) => {
  const listed = new Set(subscriptions.map((each) => each.class.savedName));
  const findings: Finding[] = [];
  for (const { name, paused, parked, eventsBehind, secondsBehind, owner } of await subscriptionStates(knex)) {
    const isLate = secondsBehind > patience;
    const behind = `${eventsBehind.toLocaleString("en")} events and ${secondsBehind.toLocaleString("en")} s behind`;
    if (!listed.has(name)) {
      const forget = `npm run subscriptions -- forget ${name}, if no build has it any more`;
      findings.push(warning(`this build has no ${name}, which is ${behind}`, forget));
    } else if (paused !== null) {
      findings.push(
        problem(`${name} is paused (${paused}), ${behind}`, `npm run subscriptions -- resume ${name}`),
      );
    } else if (isLate) {
      const what = owner === null ? `nobody works for ${name}` : `${name} is late`;
      findings.push(
        warning(`${what}: ${behind}`, owner === null ? "npm run worker" : "npm run subscriptions"),
      );
    }
    if (parked.length > 0) {
      const what = parked.length === 1 ? "1 aggregate" : `${parked.length.toLocaleString("en")} aggregates`;
      findings.push(
        problem(`${name} has parked ${what}: ${parked[0]?.error}`, `npm run subscriptions -- retry ${name}`),
      );
    }
  }
  return orOk(findings, "none is late, and nothing is parked");
};
