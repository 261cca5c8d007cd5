import type { Knex } from "knex";
import { liveViews, type ProjectorClass, viewStates } from "#sequent/operations";

/** One line for each projector that is not live in this build: what is wrong with its view, and what to do. */
export async function viewNotices(knex: Knex, projectors: readonly ProjectorClass[]): Promise<string[]> {
  const notices = (await viewStates(knex, projectors)).flatMap(
    ({ projector: { savedName: name, version }, liveVersion }) => {
      if (liveVersion === version) return [];
      if (liveVersion !== undefined && liveVersion > version)
        return `This build is older than the view of ${name} (${version} < ${liveVersion}): it leaves events to a newer build that runs beside it`;
      const what =
        liveVersion === undefined
          ? `${name} has no view yet`
          : `The view of ${name} is older than this build (${liveVersion} < ${version})`;
      return `${what}: it is not ready until this has run: npm run replay -- ${name}`;
    },
  );
  const names = projectors.map(({ savedName }) => savedName);
  const others = (await liveViews(knex)).filter(({ projector }) => !names.includes(projector));
  const leaving = others.map(
    ({ projector }) =>
      `This build has no ${projector}: it leaves events to one that has. When none has it any more: npm run migrate -- --forget ${projector}`,
  );
  return [...notices, ...leaving];
}
