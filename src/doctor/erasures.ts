import { domainOf, PersonalErasure } from "#sequent/operations";
import { type Check, orOk, problem } from "./finding.ts";

/** Erasures that were stopped half-way. */
export const erasures: Check = async ({ knex, modules }) => {
  const { eventTypes, commandClasses, erasures } = domainOf(modules);
  const commandService = { executeCommands: async () => [] };
  const erasure = new PersonalErasure({ knex, commandService, eventTypes, commandClasses });
  const unfinished = await erasure.unfinished(erasures.map(({ event }) => event));
  return orOk(
    unfinished.map((id) =>
      problem(`the erasure of ${id} was stopped half-way`, "npm run erase -- --reapply"),
    ),
    "none was stopped half-way",
  );
};
