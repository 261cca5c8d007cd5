import type { Response } from "express";
import type { Answer, Query, QueryType } from "../projections/queries.ts";

/** Whoever answers questions: the pages know what can be asked, not how it is found out. */
export interface Questions {
  ask<Type extends QueryType>(query: Query<Type>): Promise<Answer<Type>>;
}

/** Who answers the questions of this request. */
export function queriesOf(res: Response): Questions {
  return res.locals["queries"] as Questions;
}
