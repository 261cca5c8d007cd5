import { codeOf, oneRow, serverMessage } from "#sequent/operations";
import { erasures } from "./erasures.ts";
import type { Check, Finding, Patient } from "./finding.ts";
import { handlers } from "./handlers.ts";
import { log } from "./log.ts";
import { loss } from "./loss.ts";
import { migrations } from "./migrations.ts";
import { replay } from "./replay.ts";
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
  erasures,
  "web role": webRole,
};

/** Checks things that tend to go wrong unnoticed, and changes nothing. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const found = await findings("migrations", migrations, patient);
  if (found.some(({ level }) => level === "problem")) return found; // the others need the tables of these
  for (const [name, check] of Object.entries(checks)) found.push(...(await findings(name, check, patient)));
  return found;
}

async function findings(name: string, check: Check, patient: Patient): Promise<Finding[]> {
  try {
    return (await check(patient)).map((finding) => ({ check: name, ...finding }));
  } catch (error) {
    const problem = { level: "problem", check: name } as const;
    if (codeOf(error) !== "42501" || !(error instanceof Error)) {
      const why = error instanceof Error ? error.message : error;
      return [{ ...problem, what: `cannot be checked: ${why}` }]; // other checks may show the reason
    }
    const { role } = await oneRow<{ role: string }>(patient.knex, "select current_user as role");
    const what = `the role "${role}" may not check this: ${serverMessage(error)}`;
    return [{ ...problem, what, mend: "npm run doctor with the DATABASE_URL of the owner of the tables" }];
  }
}
