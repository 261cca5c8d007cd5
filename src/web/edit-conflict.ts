import type { Request } from "express";
import type { EditConflict } from "#sequent";
import { newId } from "#sequent/operations";
import { type Form, type FormDescription, textsOf } from "./form.ts";
import { wantsProblem } from "./problem.ts";
import type { Rendering } from "./rendering.ts";
import { noteRejection } from "./request-log.ts";

/** The form of a conflict: my texts, to be saved over the version that is shown beside them. */
export function conflictForm(req: Request, conflict: EditConflict, description: FormDescription): Form {
  if (wantsProblem(req)) throw conflict;
  if (req.res) noteRejection(req.res, conflict);
  return {
    status: 409,
    commandId: newId(),
    version: conflict.actualVersion,
    values: textsOf(conflict.mine, description),
    errors: {},
  };
}

/** For each field that both changed: their text, mine, and the changes from theirs to mine. */
export function bothSides(rendering: Rendering, conflict: EditConflict, description: FormDescription) {
  const [theirs, mine] = [textsOf(conflict.theirs, description), textsOf(conflict.mine, description)];
  const sides = conflict.fields.map(async (field) => {
    const [their, my] = [theirs[field] ?? "", mine[field] ?? ""];
    return { field, theirs: their, mine: my, changes: await rendering.changesBetween(their, my) };
  });
  return Promise.all(sides);
}
