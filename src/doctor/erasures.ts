import { PersonalErasure } from "../framework/index.ts";
import { type Check, orOk } from "./finding.ts";

/** Who was to be erased, but is not quite. */
export const erasures: Check = async ({ knex, eventTypes, commandClasses, erasures }) => {
  const commandService = { executeCommands: async () => [] };
  const unfinished = await new PersonalErasure({
    knex,
    commandService,
    eventTypes,
    commandClasses,
  }).unfinished(erasures);
  return orOk(
    unfinished.map((id) => ({
      level: "problem",
      what: `the erasure of ${id} was stopped half-way`,
      mend: "npm run erase -- --reapply",
    })),
    "none was stopped half-way",
  );
};
