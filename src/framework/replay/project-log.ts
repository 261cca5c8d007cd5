import pg from "pg";
import type { EventTypes } from "../messages/event-types.ts";
import { BulkPersistor } from "../projections/bulk-persistor.ts";
import { LiveProjection, Projection } from "../projections/projection.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { ProjectorFailed } from "../projections/projector-failed.ts";
import { type Connection, isBroken } from "../store/postgres/connections.ts";
import { keyOfLine, type LogKey, type LogOrder, readLine, readPages } from "./event-log.ts";
import { handledTypes, readingsOf } from "./handled-types.ts";
import type { ViewWriter } from "./view-writer.ts";

/** Which events to project, with which projectors, and where the rows go. */
export interface LogProjection {
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  readonly order: LogOrder;
  /** SQL that is true for the wanted events. */
  readonly where: string;
  /** The last event whose rows are stored already; undefined if the tables are empty. */
  readonly after: LogKey | undefined;
  readonly reader: Connection;
  readonly writer: ViewWriter;
  /** At most this many events have rows that are not stored yet. */
  readonly batch?: number;
  /** Called in the transaction that stores the rows of all events up to this one. */
  readonly onStored: (upTo: LogKey | undefined, events: number) => Promise<void> | void;
}

const mostBytes = 32_000_000;

/**
 * Projects a part of the log. While one batch of rows is stored, it reads and projects the events of the next. So at most two
 * batches are in memory.
 */
export async function projectLog(log: LogProjection): Promise<void> {
  const { projectors, eventTypes, order, after, writer, batch = 20_000, onStored } = log;
  const persistor = new BulkPersistor(writer);
  const projection = new Projection(projectors, persistor);
  let storing: Promise<void> = Promise.resolve();
  let lastLine: string | undefined;
  let lastAggregate: string | undefined;
  let [events, bytes] = [0, 0];
  let stored = after;

  const store = async () => {
    await storing;
    const upTo = lastLine === undefined ? after : keyOfLine(lastLine, order);
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
    for await (const lines of pagesOf(log, after)) {
      for (const line of lines) {
        const event = readLine(line, eventTypes);
        const isFull = events >= batch || bytes > mostBytes;
        // All events of an aggregate go into one batch, so its rows are complete before they are stored.
        if (isFull && (order === "log" || event.aggregateId !== lastAggregate)) await store();
        await projection.project(event);
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
    throw isOfManyEvents(error) ? await firstFailure(log, stored, error) : error;
  }
}

/** Fills empty tables from all events that the transaction of `connection`, in which the writer writes, can see. */
export async function rebuild(
  connection: Connection,
  writer: ViewWriter,
  building: Pick<LogProjection, "projectors" | "eventTypes" | "batch">,
  onEvents: (events: number) => void,
): Promise<void> {
  for (const reading of readingsOf(building.projectors)) {
    await projectLog({
      ...building,
      ...reading,
      ...{ where: "true", after: undefined, reader: connection, writer },
      onStored: (_, events) => onEvents(events),
    });
  }
}

function pagesOf({ reader, projectors, eventTypes, order, where }: LogProjection, after: LogKey | undefined) {
  return readPages(reader, { order, where, types: handledTypes(projectors, eventTypes) }, after);
}

/**
 * True if the database refused rows: one of the events caused it, but it is not known which. No event causes a broken connection
 * or a lock that was not free.
 */
function isOfManyEvents(error: unknown): boolean {
  const cause = error instanceof ProjectorFailed ? error.cause : error;
  return cause instanceof pg.DatabaseError && !isBroken(cause) && !/^(40|55)/.test(cause.code ?? "");
}

/** Repeats the failed batch event by event to find the event that fails. Then it undoes everything. */
async function firstFailure(
  log: LogProjection,
  after: LogKey | undefined,
  otherwise: unknown,
): Promise<unknown> {
  try {
    for await (const lines of pagesOf(log, after)) {
      for (const line of lines) {
        const projection = new LiveProjection(log.projectors, log.writer);
        await projection.project(readLine(line, log.eventTypes));
        await log.writer.write(await projection.takeRemainingChanges());
      }
    }
    return otherwise;
  } catch (error) {
    return error;
  } finally {
    await log.writer.rollback().catch(() => {});
  }
}
