import { AsyncLocalStorage } from "node:async_hooks";
import { type Logger, pino } from "pino";
import { prettyLine } from "./pretty-line.ts";

export type { Logger };

/**
 * The request that a line belongs to. Ambient, which nothing else here is: a line about a command should name its
 * request without every signature between the two carrying it.
 */
export const currentRequest = new AsyncLocalStorage<string>();

export interface LogOptions {
  readonly level: string;
  /** For a person at a terminal; otherwise each line is JSON. */
  readonly pretty?: boolean;
  readonly write?: (text: string) => void;
}

/** Writes one line for each thing that happens. Lines hold ids and names, never what people typed. */
export function createLog({ level, pretty = false, write = toStdout() }: LogOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const requestId = currentRequest.getStore();
        return requestId === undefined ? {} : { requestId };
      },
      serializers: { err: describeError },
    },
    { write: (line: string) => write(pretty ? prettyLine(line) : harmless(line)) },
  );
}

function toStdout(): (text: string) => void {
  const stdout = pino.destination({ fd: 1, sync: true });
  return (text) => stdout.write(text);
}

/** JSON escapes what is below U+0020; this does the rest of what moves a cursor, ends a line or turns text around. */
function harmless(line: string): string {
  return line.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Without further fields: those of a database error hold the values that it refused. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  return {
    type: error.constructor.name,
    message: error.message,
    ...(typeof code === "string" ? { code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
