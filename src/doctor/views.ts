import type { Knex } from "knex";
import { changedTables, liveViews, type ProjectorClass, rows } from "#sequent/operations";
import { type Check, type Finding, orOk, problem, warning } from "./finding.ts";

/** Compares the views with the projectors of this build, and lists deferred events. */
export const views: Check = async ({ knex, projectors }) => {
  const findings = await viewFindings(knex, projectors);
  for (const { projector, table } of await changedTables(knex, projectors)) {
    const { savedName } = projector;
    const what = `${table} does not have the declared columns: raise the version of ${savedName}`;
    findings.push(problem(what, replayOf(savedName)));
  }
  const deferred = await rows<{ projector: string; events: number }>(
    knex,
    "select projector, count(*)::integer as events from sequent_schema.deferred_events group by projector order by 1",
  );
  for (const { projector, events } of deferred)
    findings.push(
      warning(`${events} events wait for a program that has ${projector} in the version of its view`),
    );
  return orOk(findings, "all are up to date");
};

/** The projectors whose views are not live in this version, and the views without a projector. The blog logs them when it starts. */
export async function viewFindings(knex: Knex, projectors: readonly ProjectorClass[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const live = new Map((await liveViews(knex)).map((view) => [view.projector, view.version]));
  for (const { savedName: name, version } of projectors) {
    const built = live.get(name) ?? 0;
    live.delete(name);
    if (built > version) {
      const what = `this build is older than the view of ${name} (${version} < ${built}): it leaves events to a newer build`;
      findings.push(warning(what, "npm start with the newer build"));
    } else if (built < version) {
      const older = `the view of ${name} is older than this build (${built} < ${version})`;
      const what = built === 0 ? `${name} has no view yet` : older;
      findings.push(problem(what, replayOf(name)));
    }
  }
  for (const name of live.keys())
    findings.push(
      warning(
        `this build has no ${name}, and leaves events to one that has`,
        `npm run migrate -- --forget ${name}, if no build has it any more`,
      ),
    );
  return findings;
}

const replayOf = (projector: string) => `npm run replay -- ${projector}`;
