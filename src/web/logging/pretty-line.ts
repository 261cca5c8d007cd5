import { styleText } from "node:util";

interface Line {
  readonly time: string;
  readonly level: string;
  readonly msg?: string;
  readonly requestId?: string;
  readonly err?: LoggedError;
  readonly [name: string]: unknown;
}

interface LoggedError {
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** A line of the log for a person: the time, the message, and the rest in grey. */
export function prettyLine(json: string): string {
  const { time, level, msg = "", requestId, err, ...rest } = JSON.parse(json) as Line;
  const label = level === "info" ? "" : `${styleText(colourOf(level), level.toUpperCase())} `;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const grey = styleText("gray", visible([...details, requestId].filter(Boolean).join(" ")));
  return `${time.slice(11, 23)} ${label}${visible(msg)} ${grey}${visible(stackOf(err))}\n`;
}

function stackOf({ stack, cause }: LoggedError = {}): string {
  const own = stack ? `\n${stack}` : "";
  return cause?.stack ? `${own}\nbecause of${stackOf(cause)}` : own;
}

function colourOf(level: string): "red" | "yellow" | "gray" {
  return level === "error" || level === "fatal" ? "red" : level === "warn" ? "yellow" : "gray";
}

/** No text of a request may move the cursor or colour the terminal. */
function visible(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, "\u{fffd}");
}
