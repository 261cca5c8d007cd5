import { replayState } from "#sequent/operations";
import { type Check, ok, warning } from "./finding.ts";

/** A replay that was stopped can be resumed. Until then, nobody can be erased. */
export const replay: Check = async ({ knex }) => {
  const state = await replayState(knex);
  if (!state) return [ok("none is under way")];
  const what = `a replay of ${state.projectors.map(({ name }) => name).join(", ")}`;
  if (state.isRunning) return [ok(`${what} is running: ${state.phase}`)];
  return [warning(`${what} was stopped before ${state.phase}`, "npm run replay")];
};
