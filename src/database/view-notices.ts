import type { Knex } from "knex";
import { type ProjectorClass, viewStates } from "#sequent/operations";

/** One line for each projector that is not live in this build: what is wrong with its view, and what to do. */
export async function viewNotices(knex: Knex, projectors: readonly ProjectorClass[]): Promise<string[]> {
  const states = await viewStates(knex, projectors);
  const notices = states.flatMap(({ projector: { savedName: name, version }, liveVersion }) => {
    if (liveVersion === version) return [];
    if (liveVersion !== undefined && liveVersion > version)
      return `This build is older than the view of ${name} (${version} < ${liveVersion}): it leaves events to a newer build that runs beside it`;
    const what =
      liveVersion === undefined
        ? `${name} has no view yet`
        : `The view of ${name} is older than this build (${liveVersion} < ${version})`;
    return `${what}: it is not ready until this has run: npm run replay -- ${name}`;
  });
  const names = projectors.map(({ savedName }) => savedName);
  const { rows } = await knex.raw(selectOthers, [names]);
  const others = (rows as { projector: string }[]).map(
    ({ projector }) =>
      `This build has no ${projector}: it leaves events to one that has. When none has it any more: npm run migrate -- --forget ${projector}`,
  );
  return [...notices, ...others];
}

const selectOthers =
  "select projector from sequent_schema.projector_states where projector <> all (?::text[]) order by projector";
