import type { Response } from "express";
import type { Answer, Query, QueryType } from "../../projections/queries.ts";

/** Answers questions. The pages know what they can ask, but not how the answer is found. */
export interface Questions {
  ask<Type extends QueryType>(query: Query<Type>): Promise<Answer<Type>>;
}

/** Answers the questions of this request. */
export function queriesOf(res: Response): Questions {
  return res.locals["queries"] as Questions;
}
