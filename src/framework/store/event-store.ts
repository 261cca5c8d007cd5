import type { JsonObject } from "../attributes/attribute.ts";
import type { AggregateReference } from "../errors/store-errors.ts";
import type { BaseCommand, Cause } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import type { StoredEvent } from "../messages/event-types.ts";
import type { Metadata } from "../messages/metadata.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { RowChange, Rows } from "../projections/row-change.ts";

export interface EventStream {
  readonly aggregateId: string;
  readonly aggregateType: string;
  /** If the options ask for one and there is one. Then `events` are the later ones. */
  readonly snapshot?: Pick<StoredSnapshot, "sequenceNumber" | "state">;
  readonly events: readonly BaseEvent[];
}

export interface LoadOptions {
  /** Give a snapshot of this version, if there is one, and only the later events. */
  readonly snapshotVersion?: number | undefined;
  /** Only the first events, up to this number. */
  readonly upTo?: number | undefined;
}

export interface StoredSnapshot {
  readonly aggregateId: string;
  readonly snapshotVersion: number;
  readonly sequenceNumber: number;
  readonly state: JsonObject;
}

/** A key that an aggregate takes or, if not `taken`, gives back. */
export interface KeyChange {
  readonly scope: string;
  readonly key: string;
  readonly aggregateId: string;
  readonly taken: boolean;
}

/** A key with its scope as one text, to be compared. */
export function composeKey(scope: string, key: string): string {
  return JSON.stringify([scope, key]);
}

export interface ExecutedCommand {
  readonly command: BaseCommand;
  /** The event that made a workflow run it. */
  readonly cause: Cause | undefined;
  readonly events: readonly BaseEvent[];
}

/** The version of the aggregate of a command after its events. Undefined if it has no events. */
export function versionAfter({ command, events }: ExecutedCommand): number | undefined {
  return events.findLast(({ aggregateId }) => aggregateId === command.aggregateId)?.sequenceNumber;
}

/** Everything that one unit of work changes. All of it is stored, or nothing. */
export interface UnitOfWork {
  readonly commands: readonly ExecutedCommand[];
  readonly newAggregates: readonly AggregateReference[];
  readonly keyChanges: readonly KeyChange[];
  /** Other aggregates that must exist and be open. */
  readonly required: readonly AggregateReference[];
  readonly closed: readonly string[];
  readonly rowChanges: readonly RowChange[];
}

/** For a unit with few changes: `{ ...emptyUnit, rowChanges }`. */
export const emptyUnit: UnitOfWork = {
  commands: [],
  newAggregates: [],
  keyChanges: [],
  required: [],
  closed: [],
  rowChanges: [],
};

export interface StoredCommand {
  readonly commandId: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly payload: JsonObject;
  readonly userId: string | undefined;
  readonly cause: Cause | undefined;
  readonly metadata: Metadata | undefined;
  readonly createdAt: Date;
  readonly eventCount: number;
  /** The version of its aggregate after its events. Undefined if it has no events. */
  readonly version: number | undefined;
}

/** A place in the log of all events. Do not read its text; only compare positions with the database. */
export type LogPosition = string;

/** An event in the log as it is stored, with its aggregate and the command that led to it. */
export interface LoggedEvent
  extends StoredEvent,
    Pick<StoredCommand, "commandId" | "userId" | "cause" | "metadata"> {
  readonly position: LogPosition;
  readonly aggregateType: string;
  readonly commandType: string;
}

/** Keeps the events. There are two stores with the same contract: Postgres and, for tests, memory. */
export interface EventStore {
  /** The streams of these aggregates, if they exist, with all their events or as the options say. */
  load(aggregateIds: readonly string[], options?: LoadOptions): Promise<EventStream[]>;
  /** How many events an aggregate had at a time. */
  versionAt(aggregateId: string, time: Date): Promise<number>;
  /** Stores a snapshot. Of each version, only the newest is kept. */
  storeSnapshot(snapshot: StoredSnapshot): Promise<void>;
  /** The type of an aggregate, or undefined if it does not exist. */
  aggregateType(aggregateId: string): Promise<string | undefined>;
  findByUniqueKey(scope: string, key: string): Promise<string | undefined>;
  findCommands(commandIds: readonly string[]): Promise<StoredCommand[]>;
  /**
   * Stores the unit of work that `decide` gives, or throws one of the errors of `store-errors.ts` and stores nothing. If the
   * views have changed in the meantime, `decide` runs once more.
   */
  store(decide: Decide, options?: StoreOptions): Promise<void>;
  /** Reads again which views are live, and projects the events that other builds have deferred for these projectors. */
  catchUp(projectors: readonly ProjectorClass[]): Promise<void>;
}

/**
 * Gives the unit of work to store. `live` are the projectors that write rows: their version of the view is live. As long as no rows
 * are read or written, no transaction is open, and one statement stores the unit.
 */
export type Decide = (rows: Rows, live: readonly ProjectorClass[]) => Promise<UnitOfWork>;

export interface StoreOptions {
  /** The projectors of this build. Other builds project the events for all other views. */
  readonly projectors?: readonly ProjectorClass[];
  /** Stores everything, or throws the same error, and then undoes it. */
  readonly dryRun?: boolean;
}
