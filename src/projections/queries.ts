import { authorQueries } from "./author/queries.ts";
import { authorRevisionQueries } from "./author-revision/queries.ts";
import { postQueries } from "./post/queries.ts";
import { scheduleQueries } from "./post/schedule.ts";
import { postRevisionQueries } from "./post-revision/queries.ts";
import { StateOfDatabase } from "./state-of-database.ts";

/** All questions that a page can ask. Each is declared with its SQL: what it takes, and what it answers. */
export const queries = {
  StateOfDatabase,
  ...authorQueries,
  ...authorRevisionQueries,
  ...postQueries,
  ...scheduleQueries,
  ...postRevisionQueries,
};

type Queries = typeof queries;
export type QueryType = keyof Queries;

/** A question, as plain data: `{ type: "PostById", postId }`. */
export type Query<Type extends QueryType = QueryType> = {
  [T in Type]: { readonly type: T } & Takes<Queries[T]>;
}[Type];
type Takes<Translate extends (...args: never) => unknown> =
  Parameters<Translate> extends [unknown, infer Values, ...unknown[]] ? Values : object;
export type AnswerTo<Type extends QueryType> = Awaited<ReturnType<Queries[Type]>>;

/** Answers the queries. Pages know what they can ask, but not how the answer is found. */
export interface Questions {
  ask<Type extends QueryType>(query: Query<Type>): Promise<AnswerTo<Type>>;
}
