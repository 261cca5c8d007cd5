import { inspect } from "node:util";
import { CommandNotValid } from "#sequent";
import { BaseAggregate, messageOf } from "#sequent/operations";

/** The text that the console shows for a value or an error. */
export function shown(value: unknown, colors = false): string {
  if (value instanceof CommandNotValid) return fieldsOf(value);
  if (value instanceof Error && value.constructor.name in globalThis)
    return inspect(value).replace(beyondConsole, "$1");
  if (value instanceof Error) return `${value.constructor.name}: ${messageOf(value, [])}`;
  if (value instanceof BaseAggregate) {
    const { id, version, state, uncommittedEvents } = value;
    const news = uncommittedEvents.length > 0 ? { uncommittedEvents } : {};
    return `${value.class.name} ${inspect({ id, version, state, ...news }, { colors, depth: 5 })}`;
  }
  return inspect(value, { colors, depth: 5 });
}

/** The frames after the last one of the typed code. */
const beyondConsole = /(\n +at [^\n]*\b(?:console|REPL\d+):\d+:\d+\)?).*$/s;

function fieldsOf({ commandType, errors }: CommandNotValid): string {
  const width = Math.max(...Object.keys(errors).map((field) => field.length));
  const fields = Object.entries(errors).map(
    ([field, reasons]) => `  ${field.padEnd(width)}  ${reasons.join(", ")}`,
  );
  return [`CommandNotValid: ${commandType} is not valid.`, ...fields].join("\n");
}
