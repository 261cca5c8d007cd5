import type { Request } from "express";
import { newId, VersionConflict } from "../framework/index.ts";
import { type Change, changesBetween } from "./changes.ts";
import type { Form } from "./form.ts";
import type { Merge, Texts } from "./merge.ts";
import { wantsProblem } from "./problem.ts";
import { noteRejection } from "./request-log.ts";

/** Somebody else changed the same fields, to something else. A person has to choose. */
export class EditConflict extends VersionConflict {
  readonly theirs: Texts;
  readonly mine: Texts;
  readonly fields: readonly string[];

  constructor(
    { aggregateId, expectedVersion }: VersionConflict,
    current: Revision,
    merge: Pick<Merge, "merged" | "conflicts">,
  ) {
    super(aggregateId, expectedVersion, current.version);
    this.theirs = current.texts;
    this.mine = merge.merged;
    this.fields = merge.conflicts;
  }

  /** From their text to mine, for each field that both changed. */
  changes(): { field: string; changes: readonly Change[] }[] {
    return this.fields.map((field) => ({
      field,
      changes: changesBetween(this.theirs[field] ?? "", this.mine[field] ?? ""),
    }));
  }
}

/** A post as it was at a version. */
export interface Revision {
  readonly version: number;
  readonly texts: Texts;
}

/** The form of a conflict: my texts, to be saved over the version that is shown beside them. */
export function conflictForm(req: Request, conflict: EditConflict): Form {
  if (wantsProblem(req)) throw conflict;
  if (req.res) noteRejection(req.res, conflict);
  return {
    status: 409,
    commandId: newId(),
    version: conflict.actualVersion,
    values: conflict.mine,
    errors: {},
  };
}
