import type { JsonObject } from "../attributes/attribute.ts";
import type { AggregateReference } from "../errors/store-errors.ts";
import type { BaseCommand, Cause } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import type { Metadata } from "../messages/metadata.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { RowChange, Rows } from "../projections/row-change.ts";

/** The history of one aggregate. */
export interface EventStream {
  readonly aggregateId: string;
  readonly aggregateType: string;
  /** Where one was asked for and is there; then the events are those after it. */
  readonly snapshot?: Pick<StoredSnapshot, "sequenceNumber" | "state">;
  readonly events: readonly BaseEvent[];
}

export interface LoadOptions {
  /** With a snapshot of this version, where there is one, instead of the events before it. */
  readonly snapshotVersion?: number | undefined;
  /** As it was after so many events. */
  readonly upTo?: number | undefined;
}

/** What an aggregate knew after the event with this number. */
export interface StoredSnapshot {
  readonly aggregateId: string;
  readonly snapshotVersion: number;
  readonly sequenceNumber: number;
  readonly state: JsonObject;
}

/** A key that an aggregate takes or, where it is not `taken`, gives back. */
export interface KeyChange {
  readonly scope: string;
  readonly key: string;
  readonly aggregateId: string;
  readonly taken: boolean;
}

/** A command with the events that it led to. */
export interface ExecutedCommand {
  readonly command: BaseCommand;
  /** The event because of which a workflow ran it. */
  readonly cause: Cause | undefined;
  readonly events: readonly BaseEvent[];
}

/** The version of a command's aggregate after its events; undefined where nothing happened to it. */
export function versionAfter({ command, events }: ExecutedCommand): number | undefined {
  return events.findLast(({ aggregateId }) => aggregateId === command.aggregateId)?.sequenceNumber;
}

/** All that one unit of work changes. It is stored whole or not at all. */
export interface UnitOfWork {
  readonly commands: readonly ExecutedCommand[];
  readonly newAggregates: readonly AggregateReference[];
  readonly keyChanges: readonly KeyChange[];
  /** Aggregates that must be there and not be closed, though nothing happens to them. */
  readonly required: readonly AggregateReference[];
  /** The ids of aggregates to which this is the last that happens. */
  readonly closed: readonly string[];
  readonly rowChanges: readonly RowChange[];
}

/** For a unit that only changes some of it: `{ ...emptyUnit, rowChanges }`. */
export const emptyUnit: UnitOfWork = {
  commands: [],
  newAggregates: [],
  keyChanges: [],
  required: [],
  closed: [],
  rowChanges: [],
};

/** A command as it was stored. */
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
  /** Of its aggregate, after its events; undefined where nothing happened to it. */
  readonly version: number | undefined;
}

/** A place in the log of all events; opaque to those who keep it. */
export type LogPosition = string;

/** An event, and of the command that led to it, who asked for it and why. */
export interface LogEntry {
  readonly event: BaseEvent;
  readonly commandId: string;
  readonly userId: string | undefined;
  readonly cause: Cause | undefined;
  readonly metadata: Metadata | undefined;
  readonly position: LogPosition;
}

/** Where events are kept. Two stores keep the same contract: Postgres and, for tests, memory. */
export interface EventStore {
  /** The streams that exist of those asked for, each with all its events unless the options say otherwise. */
  load(aggregateIds: readonly string[], options?: LoadOptions): Promise<EventStream[]>;
  /** How many events an aggregate had at a time: the number of the last one of then, or 0. */
  versionAt(aggregateId: string, time: Date): Promise<number>;
  /** Keeps a snapshot, one for each version: the newest. */
  storeSnapshot(snapshot: StoredSnapshot): Promise<void>;
  /** The type of an aggregate, or undefined where there is none. */
  aggregateType(aggregateId: string): Promise<string | undefined>;
  /** The aggregate that has a unique key. */
  findByUniqueKey(scope: string, key: string): Promise<string | undefined>;
  findCommands(commandIds: readonly string[]): Promise<StoredCommand[]>;
  /** Events after a position in the order of their commits; never skips one that commits late. */
  readLog(after: LogPosition | undefined, limit: number): Promise<LogEntry[]>;
  /**
   * Stores the unit of work that `decide` gives, or throws one of the errors of `store-errors.ts` and stores nothing. If the
   * views have changed in the meantime, `decide` runs once more.
   */
  store(decide: Decide, options?: StoreOptions): Promise<void>;
  /** Looks again which views are live, and projects the events that other builds have deferred for these projectors. */
  catchUp(projectors: readonly ProjectorClass[]): Promise<void>;
}

/**
 * Gives all that is to be stored. `live` are the projectors that write rows now: those whose views are live in their
 * version. As long as no rows are read or written, no transaction is open, and the unit is stored by a single statement.
 */
export type Decide = (rows: Rows, live: readonly ProjectorClass[]) => Promise<UnitOfWork>;

export interface StoreOptions {
  /** The projectors of this build. All other views get the events of the unit from another build. */
  readonly projectors?: readonly ProjectorClass[];
  /** Stores everything, or throws what would be thrown, and then takes it back. */
  readonly dryRun?: boolean;
}
