import { erased } from "#sequent";
import { isUuid, type Json, type JsonObject, type RecordedEvent } from "#sequent/operations";

/**
 * Turns events into lines for a person: one for each command and aggregate, and one for each of its events.
 *
 *     2026-11-20T09:00:00.000Z  AddPost → Post 0198c2d4-…  by ben
 *        1  PostAdded
 *        2  PostTitleChanged    title: "Onions, slowly"
 */
export class EventLines {
  readonly #width: number;
  #before: RecordedEvent | undefined;

  /** The names of the types of events, to align what comes after them. */
  constructor(types: readonly string[]) {
    this.#width = Math.max(...types.map((type) => type.length), 0);
  }

  linesOf(event: RecordedEvent): string[] {
    const heading = this.#before && belongTogether(this.#before, event) ? [] : [headingOf(event)];
    this.#before = event;
    const { sequenceNumber, type, payload, isReadable } = event;
    const note = isReadable ? "" : "(this build cannot read it)  ";
    const line = `${String(sequenceNumber).padStart(5)}  ${type.padEnd(this.#width)}  ${note}${valuesOf(payload)}`;
    return [...heading, line.trimEnd()];
  }
}

/** The event for another program. */
export function jsonLineOf(event: RecordedEvent): string {
  const { aggregateId, sequenceNumber, type, createdAt, payload, commandId } = event;
  return JSON.stringify({ aggregateId, sequenceNumber, type, createdAt, payload, commandId });
}

/** An event that is given by hand may have any time, so the time of the heading may not fit it. */
function belongTogether(one: RecordedEvent, other: RecordedEvent): boolean {
  const passed = Math.abs(other.createdAt.getTime() - one.createdAt.getTime());
  return one.commandId === other.commandId && one.aggregateId === other.aggregateId && passed < 1_000;
}

function headingOf(event: RecordedEvent): string {
  const { createdAt, commandType, aggregateType, aggregateId } = event;
  const who = whoOf(event);
  return `${createdAt.toISOString()}  ${commandType} → ${aggregateType} ${aggregateId}${who && `  ${who}`}`;
}

/** The user, program or workflow, the event because of which a workflow sent the command, and metadata. */
function whoOf({ userId, cause, metadata = {} }: RecordedEvent): string {
  return [
    userId === undefined ? [] : `by ${plain(userId.replace(/^(program|workflow):/, ""))}`,
    cause ? `because of event ${cause.sequenceNumber} of ${cause.aggregateId}` : [],
    Object.entries(metadata).map(([name, value]) => `${plain(name)} ${plain(value)}`),
  ]
    .flat()
    .join(", ");
}

function valuesOf(payload: JsonObject): string {
  return Object.entries(payload)
    .map(([name, value]) => `${plain(name)}: ${shownValue(value)}`)
    .join(", ");
}

function shownValue(value: Json): string {
  if (typeof value === "string" && (isUuid(value) || value === erased || value === "[secret]")) return value;
  const text = visible(JSON.stringify(value));
  const characters = [...text];
  if (characters.length <= most) return text;
  const long = typeof value === "string" ? [...value].length : characters.length;
  return `${characters.slice(0, most).join("")}… (${long.toLocaleString("en")} characters)`;
}

/** The most characters of a value. */
const most = 60;

/** A word without quotation marks, unless it has other characters than letters. */
function plain(value: string | number | boolean): string {
  return /^[\p{L}\p{N} .@_:/+-]*$/u.test(String(value)) ? String(value) : visible(JSON.stringify(value));
}

/** Invisible characters could change what a terminal shows. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (mark) => {
    return `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}
