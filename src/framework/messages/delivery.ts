import type { Knex } from "knex";
import type { BaseCommand } from "./base-command.ts";
import type { Metadata } from "./metadata.ts";

/** What a handler of a subscription gets with an event. */
export interface Delivery {
  /** `<aggregateId>:<sequenceNumber>`. It is the same each time, so whoever is called can tell a repetition. */
  readonly id: string;
  readonly sequenceNumber: number;
  readonly createdAt: Date;
  /** The command that led to the event, and who asked for it. */
  readonly commandId: string;
  readonly userId: string | undefined;
  readonly metadata: Metadata | undefined;
  /** 1 the first time, as far as this subscription knows. */
  readonly attempt: number;
  /** Aborted if the result does not count any more: the time is up, the lease is lost, or the program stops. */
  readonly signal: AbortSignal;
  /** An id for a command: always the same for this subscription, this event and this number. */
  commandIdOf(index?: number): string;
  /**
   * Runs commands as `subscription:<name>`. A command without an id of its own gets `commandIdOf(0)`, the next one
   * `commandIdOf(1)` …: so a repetition has no second effect. Take their values from the event alone.
   */
  executeCommands(...commands: readonly BaseCommand[]): Promise<void>;
  /**
   * Writes into this database exactly once: what the work writes and the position of the subscription are one transaction.
   * Only for a subscription with `concurrency: 1`, and once for each event.
   */
  inTransaction(work: (trx: Knex.Transaction) => Promise<unknown>): Promise<void>;
}
