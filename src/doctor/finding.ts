import type { Knex } from "knex";
import type { Wiring } from "#sequent/operations";

/** The result of a check: a line and, if something is wrong, the command that mends it. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly check: string;
  readonly what: string;
  /** The command that mends it. */
  readonly mend?: string;
}

/** The program that is examined, and its database. */
export interface Patient extends Wiring {
  /** A connection with time. */
  readonly knex: Knex;
  /** False for the embedded Postgres, which has one user only. */
  readonly isServer: boolean;
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
