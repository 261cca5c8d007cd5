import { type Logger, pino } from "pino";
import { describeError } from "#sequent/operations";
import { prettyLine } from "./pretty-line.ts";

export type { Logger };

interface LogOptions {
  readonly level: string;
  /** True for a person at a terminal. Otherwise each line is JSON. */
  readonly pretty?: boolean;
  readonly write?: (text: string) => void;
}

/** Writes one line for each thing that happens. Lines hold ids and names, never typed texts. */
export function createLog({ level, pretty = false, write = toStdout() }: LogOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error) => describeError(error) },
    },
    { write: (line: string) => write(pretty ? prettyLine(line) : harmless(line)) },
  );
}

function toStdout(): (text: string) => void {
  const stdout = pino.destination({ fd: 1, sync: true });
  return (text) => void stdout.write(text);
}

/** JSON escapes characters below U+0020. This escapes the others that move a cursor, end a line or turn text around. */
function harmless(line: string): string {
  return line.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
