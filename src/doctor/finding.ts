import type { Knex } from "knex";
import type { Wiring } from "#sequent/operations";

export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly what: string;
  /** The command that corrects it. */
  readonly mend?: string | undefined;
}

/** The program and the database to examine. */
export interface Patient extends Wiring {
  /** A connection without time limits. */
  readonly knex: Knex;
  /** False for the embedded Postgres, which has one user only. */
  readonly isServer: boolean;
  /** The role of the running blog, as src/database/web-role.sql makes it. */
  readonly webRole: string;
  /** The number of seconds that a transaction may be open. */
  readonly patience: number;
}

export type Check = (patient: Patient) => Promise<readonly Finding[]>;

export const ok = (what: string): Finding => ({ level: "ok", what });
export const warning = (what: string, mend?: string): Finding => ({ level: "warning", what, mend });
export const problem = (what: string, mend?: string): Finding => ({ level: "problem", what, mend });

/** The findings or, if there are none, one line that says so. */
export function orOk(findings: readonly Finding[], what: string): readonly Finding[] {
  return findings.length > 0 ? findings : [ok(what)];
}
