import { type ParseArgsConfig, parseArgs } from "node:util";
import { CommandNotValid } from "#sequent";
import {
  DatabaseLost,
  ErasureNotAllowed,
  EventNotReadable,
  errorText,
  messageOf,
  NotWired,
  ProjectorFailed,
  ReplayLost,
  ReplayNotPossible,
  ReplayUnderWay,
  UnknownEventType,
} from "#sequent/operations";
import { ClientNotInstalled } from "../brokers/client.ts";
import { DatabaseUnavailable } from "../database/check-server.ts";
import { SettingsNotValid } from "../settings.ts";

/** The user can correct this. So the program ends with only the message, without a stack. */
export class Refused extends Error {}

/** The arguments of a program, in addition to `--help`. */
interface Accepts {
  readonly options?: NonNullable<ParseArgsConfig["options"]>;
  /** True if words may follow, such as the names in `npm run replay -- PostProjector`. */
  readonly allowPositionals?: boolean;
}

export type Arguments<Accepted extends Accepts> = Pick<
  ReturnType<typeof parseArgs<Accepted & { strict: true }>>,
  "values" | "positionals"
>;

/**
 * Runs a program of the command line. `--help` explains it. Errors that the user can correct end in a message, not in a stack.
 *
 *     await command(help, async ({ values, positionals }) => { … }, { options: { batch: { type: "string" } } });
 */
export async function command<const Accepted extends Accepts>(
  help: string,
  run: (given: Arguments<Accepted>) => Promise<void>,
  accepts?: Accepted,
): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.off("error", unheard).on("error", unheard);
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) return console.log(help);
  try {
    await run(understand(args, accepts));
  } catch (error) {
    if (error instanceof NotUnderstood) console.error(`${error.message}\n\n${help}`);
    else console.error(isExpected(error) ? error.message : errorText(error));
    process.exitCode = 1;
  }
}

/** A reader that stops, such as `| head`, must not end the work half-way. Any other lost output is an error. */
function unheard({ code }: NodeJS.ErrnoException): void {
  if (code !== "EPIPE") process.exitCode = 1;
}

/** A wrong argument. The message names it, and the help follows. */
export class NotUnderstood extends Error {}

/** The value of an option such as `--batch 1000`. */
export function wholeNumber(option: string, value: string, least = 1, most = 1_000_000_000): number {
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw new NotUnderstood(`${option} is "${value}", but must be a whole number from ${least} to ${most}.`);
}

function understand<Accepted extends Accepts>(args: string[], accepts?: Accepted): Arguments<Accepted> {
  try {
    return parseArgs({ args, ...accepts, strict: true }) as Arguments<Accepted>;
  } catch (error) {
    throw new NotUnderstood(`Not understood: ${args.join(" ")} (${messageOf(error, [])})`);
  }
}

function isExpected(error: unknown): error is Error {
  return expected.some((each) => error instanceof each);
}

const expected = [
  ClientNotInstalled,
  CommandNotValid,
  DatabaseLost,
  DatabaseUnavailable,
  ErasureNotAllowed,
  EventNotReadable,
  NotWired,
  ProjectorFailed,
  Refused,
  ReplayLost,
  ReplayNotPossible,
  ReplayUnderWay,
  SettingsNotValid,
  UnknownEventType,
];
