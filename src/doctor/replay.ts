import { replayState } from "#sequent/operations";
import type { Check } from "./finding.ts";

/** One that was stopped goes on when it is started again; until then, nobody can be erased. */
export const replay: Check = async ({ knex }) => {
  const state = await replayState(knex);
  if (!state) return [{ level: "ok", what: "none is under way" }];
  const what = `a replay of ${state.projectors.map(({ name }) => name).join(", ")}`;
  if (state.isRunning) return [{ level: "ok", what: `${what} is running: ${state.phase}` }];
  return [{ level: "warning", what: `${what} was stopped before ${state.phase}`, mend: "npm run replay" }];
};
