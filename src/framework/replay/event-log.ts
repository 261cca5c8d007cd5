import { to } from "pg-copy-streams";
import type { BaseEvent } from "../messages/event.ts";
import type { EventTypes } from "../messages/event-types.ts";
import type { Connection } from "../store/postgres/connections.ts";

/** Which events to read, and in which order: aggregate after aggregate, or in the order of the log. */
interface LogPart {
  readonly order: LogOrder;
  /** Undefined for all of them, also for those whose class is gone: these throw. */
  readonly types: readonly string[] | undefined;
  /** More conditions, as SQL. */
  readonly where: string;
}

export type LogOrder = keyof typeof orders;

/** The values that an event is ordered by. */
export type LogKey = readonly string[];

const orders = {
  aggregate: { columns: ["aggregate_id", "sequence_number"], types: ["uuid", "integer"] },
  log: { columns: ["epoch", "xact_id", "position"], types: ["integer", "xid8", "bigint"] },
} as const;

const pageBytes = 4_000_000;

/**
 * Reads the log with COPY, the fastest way to read from Postgres, and gives its lines page by page. It reads the next page while the
 * caller works on one. Large events make small pages.
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
      reading.catch(() => {}); // its turn to be awaited comes later
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

/**
 * Turns lines into events. Lines next to each other mostly have the same aggregate and the same time. These values are not parsed again.
 */
export class LineReader {
  readonly #eventTypes: EventTypes;
  #aggregateId = "";
  #time = "";
  #createdAt = new Date(Number.NaN);

  constructor(eventTypes: EventTypes) {
    this.#eventTypes = eventTypes;
  }

  /** Throws if the program does not know the event any more. */
  read(line: string): BaseEvent {
    const number = line.indexOf("\t") + 1;
    const epoch = line.indexOf("\t", number) + 1;
    const transaction = line.indexOf("\t", epoch) + 1;
    const time = line.indexOf("\t", line.indexOf("\t", transaction) + 1) + 1;
    const version = line.indexOf("\t", time) + 1;
    const type = line.indexOf("\t", version) + 1;
    const payload = line.indexOf("\t", type) + 1;
    if (!line.startsWith(this.#aggregateId) || this.#aggregateId.length !== number - 1)
      this.#aggregateId = line.slice(0, number - 1);
    if (!line.startsWith(this.#time, time) || this.#time.length !== version - 1 - time) {
      this.#time = line.slice(time, version - 1);
      this.#createdAt = new Date(`${this.#time.replace(" ", "T")}Z`);
    }
    return this.#eventTypes.load({
      aggregateId: this.#aggregateId,
      sequenceNumber: Number(line.slice(number, epoch - 1)),
      type: withoutEscapes(line.slice(type, payload - 1)),
      version: Number(line.slice(version, type - 1)),
      payload: JSON.parse(withoutEscapes(line.slice(payload))),
      createdAt: this.#createdAt,
    });
  }
}

/** COPY doubles backslashes. JSON and names of events have no other characters that it changes. */
function withoutEscapes(text: string): string {
  return text.includes("\\") ? text.replaceAll("\\\\", "\\") : text;
}
