import { changedTables, liveViews, rows } from "#sequent/operations";
import { type Check, type Finding, orOk } from "./finding.ts";

/** The versions that the rows of the views come from, beside those of this program. */
export const views: Check = async ({ knex, projectors }) => {
  const live = await liveViews(knex);
  const built = new Map(live.map(({ projector, version }) => [projector, version]));
  const findings: Omit<Finding, "check">[] = [];
  for (const { savedName: name, version } of projectors) {
    const live = built.get(name) ?? 0;
    built.delete(name);
    if (live < version) {
      const what = live === 0 ? `${name} has no view yet` : `${name} is version ${version}, its view ${live}`;
      findings.push({ level: "problem", what, mend: replayOf(name) });
    } else if (live > version) {
      const what = `the view of ${name} was built by version ${live}, this program has version ${version}`;
      findings.push({ level: "warning", what, mend: "npm start with the later program" });
    }
  }
  for (const { projector, table } of await changedTables(knex, projectors)) {
    const { savedName } = projector;
    const what = `${table} has not the columns that are declared: raise the version of ${savedName}`;
    findings.push({ level: "problem", what, mend: replayOf(savedName) });
  }
  for (const name of built.keys())
    findings.push({ level: "warning", what: `${name} has a view, but this program has no such projector` });
  const deferred = await rows<{ projector: string; events: number }>(
    knex,
    "select projector, count(*)::integer as events from sequent_schema.deferred_events group by projector order by 1",
  );
  for (const { projector, events } of deferred) {
    const what = `${events} events wait for a program that has ${projector} in the version of its view`;
    findings.push({ level: "warning", what });
  }
  return orOk(findings, `${projectors.length} are up to date`);
};

const replayOf = (projector: string) => `npm run replay -- ${projector}`;
