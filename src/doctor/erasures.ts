import { domainOf, PersonalErasure } from "#sequent/operations";
import { type Check, orOk } from "./finding.ts";

/** Erasures that were stopped half-way. */
export const erasures: Check = async ({ knex, modules }) => {
  const { eventTypes, commandClasses, erasures } = domainOf(modules);
  const commandService = { executeCommands: async () => [] };
  const unfinished = await new PersonalErasure({
    knex,
    commandService,
    eventTypes,
    commandClasses,
  }).unfinished(erasures.map(({ event }) => event));
  return orOk(
    unfinished.map((id) => ({
      level: "problem",
      what: `the erasure of ${id} was stopped half-way`,
      mend: "npm run erase -- --reapply",
    })),
    "none was stopped half-way",
  );
};
