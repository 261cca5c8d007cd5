import { to } from "pg-copy-streams";
import type { BaseEvent } from "../messages/event.ts";
import type { EventTypes } from "../messages/event-types.ts";
import type { Connection } from "../store/postgres/connections.ts";

/** Which events to read, and in which order: aggregate after aggregate, or in the order of the log. */
interface LogPart {
  readonly order: LogOrder;
  /** Undefined for all types. An event whose class is gone then throws. */
  readonly types: readonly string[] | undefined;
  readonly where: string;
}

export type LogOrder = keyof typeof orders;

export type LogKey = readonly string[];

const orders = {
  aggregate: { columns: ["aggregate_id", "sequence_number"], types: ["uuid", "integer"] },
  log: { columns: ["epoch", "xact_id", "position"], types: ["integer", "xid8", "bigint"] },
} as const;

const pageBytes = 4_000_000;

/**
 * Reads the log with COPY, the fastest way to read from Postgres, and yields its lines page by page. It reads the next page while
 * the caller works on one. Large events make small pages.
 */
export async function* readPages(
  connection: Connection,
  part: LogPart,
  after: LogKey | undefined,
): AsyncGenerator<readonly string[]> {
  let limit = 1_000;
  let reading: Promise<string> | undefined = readPage(connection, part, after, limit);
  while (reading !== undefined) {
    const text: string = await reading;
    const lines = text.split("\n");
    lines.pop();
    const last = lines.at(-1);
    reading = undefined;
    if (last !== undefined && lines.length === limit) {
      limit = Math.min(5_000, Math.max(10, Math.round((pageBytes * lines.length) / text.length)));
      reading = readPage(connection, part, keyOfLine(last, part.order), limit);
      reading.catch(() => {}); // it is awaited later
    }
    if (last !== undefined) yield lines;
  }
}

async function readPage(
  connection: Connection,
  { order, types, where }: LogPart,
  after: LogKey | undefined,
  limit: number,
): Promise<string> {
  const { columns, types: columnTypes } = orders[order];
  const key = columns.join(", ");
  const values = after?.map((value, place) => `'${value}'::${columnTypes[place]}`);
  const start = values ? `and (${key}) > (${values.join(", ")})` : "";
  const wanted = types?.map((type) => `'${type.replaceAll("'", "''")}'`).join(", ");
  const copy = `copy (
    select aggregate_id, sequence_number, epoch, xact_id, position,
           created_at at time zone 'UTC', event_version, event_type, payload
      from sequent_schema.events
     where ${wanted === undefined ? "true" : `event_type = any (array[${wanted}]::text[])`} and ${where} ${start}
     order by ${key}
     limit ${limit}
  ) to stdout`;
  return connection.inTurn(async (client) => {
    const chunks: Buffer[] = [];
    for await (const chunk of client.query(to(copy))) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  });
}

/** The place of a line, to continue after it. */
export function keyOfLine(line: string, order: LogOrder): LogKey {
  const values = line.split("\t", 5);
  return order === "log" ? values.slice(2) : values.slice(0, 2);
}

/** A line has the columns of `readPage`. Throws if the program does not know the event any more. */
export function readLine(line: string, eventTypes: EventTypes): BaseEvent {
  const [aggregateId = "", number, , , , time = "", version, type = "", payload = ""] = line.split("\t");
  return eventTypes.load({
    aggregateId,
    sequenceNumber: Number(number),
    type: withoutEscapes(type),
    version: Number(version),
    payload: JSON.parse(withoutEscapes(payload)),
    createdAt: new Date(`${time.replace(" ", "T")}Z`),
  });
}

/** COPY doubles backslashes. JSON and names of events have no other characters that it changes. */
function withoutEscapes(text: string): string {
  return text.includes("\\") ? text.replaceAll("\\\\", "\\") : text;
}
