import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { Request } from "express";
import type { BaseCommand } from "#sequent";
import {
  codeOf,
  describeError,
  type ErrorDescription,
  StoreUnavailable,
  ViewNotLive,
  withCauses,
} from "#sequent/operations";

/** An error of the program, for its developer. In production, only the log has it. */
interface ErrorReport {
  readonly error: string;
  /** The line of our code where it began, such as `src/web/pages/home.ts:18:5`, or the line of a template. */
  readonly where: string | undefined;
  readonly fix: string | undefined;
  readonly request: string;
  /** The commands of this request. */
  readonly commands: readonly string[];
  /** The stacks of the error and of its causes. */
  readonly stacks: readonly string[];
}

/** `commands` are the commands that led to the error. */
export function reportOf(error: unknown, req: Request, commands: readonly BaseCommand[]): ErrorReport {
  const description = describeError(error);
  const { type, message = "", code } = description;
  const stacks = stacksOf(description);
  return {
    error: `${type}${code ? ` (${code})` : ""}: ${message}`,
    where: whereOf(stacks),
    fix: fixOf(error),
    request: `${req.method} ${req.originalUrl}`,
    commands: commands.map(commandText),
    stacks,
  };
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The stacks of an error and of its causes, with paths from the root of the project. */
function stacksOf({ type, stack = type, cause }: ErrorDescription): string[] {
  return [stack.replaceAll("file://", "").replaceAll(root, ""), ...(cause ? stacksOf(cause) : [])];
}

/** The place to look at first: a template, or the line nearest to the cause that does more than pass things on. */
function whereOf(stacks: readonly string[]): string | undefined {
  const text = stacks.toReversed().join("\n");
  const places = [...text.matchAll(/(?:\(|at )(src\/[^():]+:\d+:\d+)\)?$/gm)].map(([, place = ""]) => place);
  const template = /views\/\S+\.ejs:\d+/.exec(text)?.[0];
  return template ?? places.find((place) => !passingOn.test(place)) ?? places[0];
}

const passingOn =
  /^src\/(framework\/|projections\/query-service|web\/(logging\/request-log|forms\/forms|own-writes|rendering\/templates)\.)/;

function fixOf(error: unknown): string | undefined {
  for (const each of withCauses(error)) {
    if (each instanceof ViewNotLive) return "Build the views that this program has: npm run replay";
    const code = codeOf(each);
    const fix = code === undefined ? undefined : fixes[code];
    if (fix) return fix;
    if (each instanceof StoreUnavailable && !(each.cause instanceof Error)) return fixes["ECONNREFUSED"];
  }
  return undefined;
}

/** By the code of Postgres or of the system. */
const fixes: Readonly<Record<string, string>> = {
  "3F000": "A schema is missing: npm run migrate",
  "42P01": "A table is missing: npm run migrate",
  "42703":
    "A column is missing. Correct its name in the query. If the declaration of its table has changed: raise the version of the projector, and start again",
  "42501": "The role of DATABASE_URL lacks a right: src/database/web-role.sql grants what the blog needs",
  ECONNREFUSED: "Is Postgres running at the address of DATABASE_URL?",
};

function commandText(command: BaseCommand): string {
  const { type, secrets } = command.class;
  const given = Object.entries(command).filter(([, value]) => value !== undefined);
  const shown = given.map(([name, value]) => [name, secrets.includes(name) ? "[secret]" : value]);
  return `${type} ${inspect(Object.fromEntries(shown), { depth: 5, maxStringLength: 2_000 })}`;
}
