/** An error for a log: classes, codes, messages and stacks, but no refused values. */
export interface ErrorDescription {
  readonly type: string;
  readonly message?: string;
  /** A code of the system, or an SQLSTATE of Postgres (five characters). */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

/** A limit, because an error may be its own cause. */
const mostCauses = 10;

export function* withCauses(error: unknown): Generator<Error> {
  let each = error;
  for (let causes = 0; each instanceof Error && causes <= mostCauses; causes += 1) {
    yield each;
    each = each.cause;
  }
}

/** The code of an error: an SQLSTATE such as "23505", or a code of Node such as "ENOENT". */
export function codeOf(error: unknown): string | undefined {
  const hasCode = typeof error === "object" && error !== null && "code" in error;
  return hasCode && typeof error.code === "string" ? error.code : undefined;
}

/** Leaves out other fields, because those of a database error hold the refused values. */
export function describeError(
  error: unknown,
  hidden: readonly string[] = [],
  causes = mostCauses,
): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = codeOf(error);
  const type = error.constructor.name;
  const message = messageOf(error, hidden);
  // An error about private values lists texts. They are left out of the messages of its causes.
  const own: readonly string[] = "hidden" in error && Array.isArray(error.hidden) ? error.hidden : [];
  return {
    type,
    message,
    ...(code === undefined ? {} : { code }),
    stack: `${type}: ${message}${framesOf(error)}`,
    ...(error.cause === undefined || causes === 0
      ? {}
      : { cause: describeError(error.cause, [...hidden, ...own], causes - 1) }),
  };
}

/** An error and its causes as lines for a person. Give this to `console.error` instead of the error. */
export function errorText(error: unknown): string {
  return textOf(describeError(error));
}

/** The message of an error without the given texts, and without values that Postgres quotes. */
export function messageOf(error: unknown, hidden: readonly string[]): string {
  if (!(error instanceof Error)) return `a ${typeof error} was thrown`;
  // Class 22 is about values; the messages of the other classes quote names only.
  const isOfValue = /^22[0-9A-Z]{3}$/.test(codeOf(error) ?? "");
  const message = isOfValue ? error.message.replace(/".*"/s, '"…"') : error.message;
  return [...hidden]
    .sort((one, other) => other.length - one.length)
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
    .reduce((left, text) => left.replaceAll(text, "…"), message);
}

/** The message of Postgres alone: Knex puts the statement before it. */
export function serverMessage({ message }: Error): string {
  return message.split(" - ").at(-1) ?? message;
}

/** All texts in a value that people may have written. Ids are left out. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return value.trim() === "" || id.test(value) ? [] : [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const id = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The stack without its message, which may have several lines. */
function framesOf({ message, stack = "" }: Error): string {
  const start = stack.indexOf(message);
  return stack.slice(start < 0 ? stack.indexOf("\n    at ") : start + message.length);
}

function textOf({ type, stack = `a ${type} that was thrown`, code, cause }: ErrorDescription): string {
  const [first = "", ...frames] = stack.split("\n");
  const lines = [code ? `${first} (${code})` : first, ...frames].join("\n");
  return cause ? `${lines}\nbecause of ${textOf(cause)}` : lines;
}
