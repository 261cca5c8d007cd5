import type { Knex } from "knex";
import type {
  AggregateClass,
  CommandClass,
  CommandHandlerClass,
  EventClass,
  EventTypes,
  ProjectorClass,
  WorkflowClass,
} from "../framework/index.ts";

/** What a check says: a line, and what to run where something is wrong. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly check: string;
  readonly what: string;
  /** The command that mends it. */
  readonly mend?: string;
}

/** What is examined: a program, and the database that it works on. */
export interface Patient {
  /** A connection with time. */
  readonly knex: Knex;
  /** False for the embedded Postgres, which has one user only. */
  readonly isServer: boolean;
  readonly eventTypes: EventTypes;
  readonly aggregates: readonly AggregateClass[];
  readonly commandClasses: readonly CommandClass[];
  readonly commandHandlers: readonly CommandHandlerClass[];
  readonly projectors: readonly ProjectorClass[];
  readonly workflows: readonly WorkflowClass[];
  /** The events that record that somebody was erased. */
  readonly erasures: readonly EventClass[];
  /** The role of the running blog, as src/database/web-role.sql makes it. */
  readonly webRole: string;
  /** How many seconds a transaction may be open. */
  readonly patience: number;
}

export type Check = (patient: Patient) => Promise<readonly Omit<Finding, "check">[]>;

/** The problems, or one line that all is well. */
export function orOk(findings: readonly Omit<Finding, "check">[], what: string): Omit<Finding, "check">[] {
  return findings.length > 0 ? [...findings] : [{ level: "ok", what }];
}
