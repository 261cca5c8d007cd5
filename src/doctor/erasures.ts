import { domainOf, PersonalErasure } from "#sequent/operations";
import { type Check, orOk, problem } from "./finding.ts";

/** Erasures that are recorded but not finished: stopped half-way, or asked for on a page that may not rewrite the past. */
export const erasures: Check = async ({ knex, modules }) => {
  const { eventTypes, commandClasses, erasures } = domainOf(modules);
  const commandService = { executeCommands: async () => [] };
  const erasure = new PersonalErasure({ knex, commandService, eventTypes, commandClasses });
  const unfinished = await erasure.unfinished(erasures.map(({ event }) => event));
  return orOk(
    unfinished.map((id) => problem(`the erasure of ${id} is not finished`, "npm run erase -- --reapply")),
    "none is unfinished",
  );
};
