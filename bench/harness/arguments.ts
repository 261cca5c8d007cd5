import { parseArgs } from "node:util";
import type { LabOptions } from "./lab.ts";

export interface Arguments extends LabOptions {
  readonly names: readonly string[];
  readonly help: boolean;
  readonly compare: boolean;
  readonly keep: boolean;
}

/** What stands behind `npm run bench --` is not understood; the message says what would be. */
export class NotUnderstood extends Error {}

export function readArguments(args: readonly string[], known: readonly string[]): Arguments {
  const { values, positionals } = parsed(args);
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new NotUnderstood(`There is no part "${unknown.join(" ")}". There are: ${known.join(", ")}.`);
  }
  const { quick = false, help = false, compare = false, keep = false } = values;
  const rounds = Number(values.rounds ?? (quick ? 5 : 9));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new NotUnderstood(
      `--rounds is "${values.rounds}", but must be a whole number from 1, as in --rounds 5`,
    );
  }
  return { names: positionals, help, compare, keep, quick, rounds, ms: quick ? 200 : 500 };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new NotUnderstood(error instanceof Error ? error.message : String(error));
  }
}

const options = {
  rounds: { type: "string" },
  minutes: { type: "string" },
  quick: { type: "boolean" },
  compare: { type: "boolean" },
  keep: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
