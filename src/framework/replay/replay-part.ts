import type { ClientBase } from "pg";
import pg from "pg";
import type { EventTypes } from "../messages/event-types.ts";
import { BulkPersistor } from "../projections/bulk-persistor.ts";
import { LiveProjection } from "../projections/live-projection.ts";
import { KeyTaken } from "../projections/memory-table.ts";
import { type ProjectorClass, ProjectorFailed } from "../projections/projector.ts";
import { isBroken } from "../store/postgres/connections.ts";
import { keyOf, LineReader, type LogKey, type LogPart, readPages } from "./event-log.ts";
import { ReplayProjection } from "./replay-projection.ts";
import type { ViewWriter } from "./view-writer.ts";

export interface PartReplay {
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  readonly log: LogPart;
  readonly after: LogKey | undefined;
  readonly reader: ClientBase;
  readonly writer: ViewWriter;
  /** How many events may have rows that are not stored. */
  readonly batch: number;
  /** Called in the transaction that stores the rows of all events up to this one. */
  readonly onStored: (upTo: LogKey | undefined, events: number) => Promise<void>;
}

const mostBytes = 32_000_000;

/**
 * Replays a part of the log into empty tables, or goes on where it was left. While one batch of rows is stored, the
 * events of the next are read and projected; there are never more than these two in memory.
 */
export async function replayPart(replay: PartReplay): Promise<void> {
  const { projectors, eventTypes, log, after, reader, writer, batch, onStored } = replay;
  const persistor = new BulkPersistor(writer, after ? projectors.flatMap(({ tables }) => tables) : []);
  const projection = new ReplayProjection(projectors, persistor);
  const lineReader = new LineReader(eventTypes);
  let storing: Promise<void> = Promise.resolve();
  let lastLine: string | undefined;
  let lastAggregate: string | undefined;
  let [events, bytes] = [0, 0];
  let stored = after;

  const store = async () => {
    await storing;
    const upTo = lastLine === undefined ? after : keyOf(lastLine, log.order);
    const count = events;
    [events, bytes] = [0, 0];
    storing = persistor.flush(async () => {
      await onStored(upTo, count);
      await writer.commit();
      stored = upTo;
    });
    storing.catch(() => {}); // awaited when the next batch is stored
  };
  try {
    for await (const lines of readPages(reader, log, after)) {
      for (const line of lines) {
        const event = lineReader.read(line);
        const isFull = events >= batch || bytes > mostBytes;
        // What an aggregate wrote is best changed before it is stored.
        if (isFull && (log.order === "log" || event.aggregateId !== lastAggregate)) await store();
        const waiting = projection.project(event);
        if (waiting !== undefined) await waiting;
        [lastLine, lastAggregate] = [line, event.aggregateId];
        events += 1;
        bytes += line.length;
      }
    }
    await store();
    await storing;
  } catch (error) {
    await storing.catch(() => {});
    await writer.rollback();
    throw isOfManyEvents(error) ? await firstFailure(replay, stored, error) : error;
  }
}

/**
 * True if the database refused rows, or two of them had one key: then an event is to blame, but it is not known which. No
 * event is to blame for a connection that was cut, or for a lock that was not free.
 */
function isOfManyEvents(error: unknown): boolean {
  const cause = error instanceof ProjectorFailed ? error.cause : error;
  if (cause instanceof pg.DatabaseError) return !isBroken(cause) && !/^(40|55)/.test(cause.code ?? "");
  return cause instanceof KeyTaken;
}

/** Does the batch that failed once more, storing event by event, and throws it away. */
async function firstFailure(
  { projectors, eventTypes, log, reader, writer }: PartReplay,
  after: LogKey | undefined,
  otherwise: unknown,
): Promise<unknown> {
  const lineReader = new LineReader(eventTypes);
  try {
    for await (const lines of readPages(reader, log, after)) {
      for (const line of lines) {
        const projection = new LiveProjection(projectors, writer);
        await projection.project(lineReader.read(line));
        await writer.write(await projection.takeRemainingChanges());
      }
    }
    return otherwise;
  } catch (error) {
    return error;
  } finally {
    await writer.rollback().catch(() => {});
  }
}
