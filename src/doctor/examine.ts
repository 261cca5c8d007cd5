import { codeOf, oneRow, serverMessage } from "#sequent/operations";
import { erasures } from "./erasures.ts";
import { type Check, type Finding, type Patient, problem } from "./finding.ts";
import { handlers } from "./handlers.ts";
import { log } from "./log.ts";
import { loss } from "./loss.ts";
import { migrations } from "./migrations.ts";
import { replay } from "./replay.ts";
import { subscriptions } from "./subscriptions.ts";
import { transactions } from "./transactions.ts";
import { views } from "./views.ts";
import { webRole } from "./web-role.ts";

const checks: Readonly<Record<string, Check>> = {
  settings: loss,
  transactions,
  log,
  views,
  handlers,
  replay,
  subscriptions,
  erasures,
  "web role": webRole,
};

/** Checks things that may go wrong unnoticed. Changes nothing. */
export async function examine(patient: Patient): Promise<Checked[]> {
  const found = await findingsOf("migrations", migrations, patient);
  if (found.some(({ level }) => level === "problem")) return found; // the other checks need these tables
  for (const [name, check] of Object.entries(checks)) found.push(...(await findingsOf(name, check, patient)));
  return found;
}

/** A finding, and the check that made it. */
export interface Checked extends Finding {
  readonly check: string;
}

async function findingsOf(name: string, check: Check, patient: Patient): Promise<Checked[]> {
  const findings = await check(patient).catch(async (error) => [await notChecked(error, patient)]);
  return findings.map((finding) => ({ check: name, ...finding }));
}

async function notChecked(error: unknown, { knex }: Patient): Promise<Finding> {
  if (!(error instanceof Error)) return problem(`cannot be checked: ${error}`);
  if (codeOf(error) !== "42501") return problem(`cannot be checked: ${error.message}`); // other checks may show the reason
  const { role } = await oneRow<{ role: string }>(knex, "select current_user as role");
  return problem(
    `the role "${role}" may not check this: ${serverMessage(error)}`,
    "npm run doctor with the DATABASE_URL of the owner of the tables",
  );
}
