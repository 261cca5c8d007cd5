import type { Detail, Details } from "../errors/error-messages.ts";
import { type Parts, pathOf, valuesOf } from "./parsing.ts";
import type { Judge } from "./rules.ts";

type Judgement = readonly [path: string, details: readonly Detail[]];

/** Checks parsed values by their rules. Skips a value that could not be parsed, but checks its parts. */
export async function brokenRules(parts: Parts): Promise<Details> {
  const judgements = await Promise.all(judgementsOf(parts, "", valuesOf(parts)));
  return Object.fromEntries(judgements.filter(([, details]) => details.length > 0));
}

function judgementsOf(parts: Parts, above: string, body: object): Promise<Judgement>[] {
  return parts.flatMap(
    ([
      step,
      {
        attribute: { rules },
        value,
        parts: below,
      },
    ]) => {
      const path = pathOf(above, step);
      const own = rules && value !== undefined ? [judged(rules, value, path, body)] : [];
      return [...own, ...judgementsOf(below, path, body)];
    },
  );
}

async function judged(judge: Judge, value: unknown, path: string, body: object): Promise<Judgement> {
  return [path, await judge(value, path, body)];
}
