import type { AggregateReader } from "#sequent/operations";
import type { AuthorRecord } from "./author/record.ts";
import type { PostRecord } from "./post/record.ts";
import type { PostRevisionRecord } from "./post-revision/record.ts";

export type { AuthorRecord };

/**
 * All questions that a page can ask, as plain data: `{ type: "PostById", postId }`. Each line says what the question takes
 * and what it answers. `query-service.ts` answers them.
 */
interface Queries {
  /** While this answer is the same, all other answers are, too. Undefined if that is not known. */
  StateOfDatabase: { takes: object; answer: string | undefined };
  PublishedPosts: { takes: PageRequest; answer: PageOf<PostSummary> };
  PostById: { takes: { postId: string }; answer: ShownPost | undefined };
  PostsByAuthor: { takes: PageRequest & { authorId: string }; answer: PageOf<PostSummary> };
  /** The newest events, up to a number and a size in bytes, oldest first. Before them come the events that they replaced. */
  PostRevisions: { takes: { postId: string; limit: number; bytes: number }; answer: PostRevision[] };
  PostAtVersion: { takes: { postId: string; version: number }; answer: PostAtVersion | undefined };
  AuthorById: { takes: { authorId: string }; answer: AuthorRecord | undefined };
  Authors: { takes: PageRequest; answer: PageOf<AuthorRecord> };
}

export type QueryType = keyof Queries;
export type Query<Type extends QueryType = QueryType> = {
  [T in Type]: { readonly type: T } & Queries[T]["takes"];
}[Type];
export type AnswerTo<Type extends QueryType> = Queries[Type]["answer"];

/** Answers the queries. Pages know what they can ask, but not how the answer is found. */
export interface Questions {
  ask<Type extends QueryType>(query: Query<Type>): Promise<AnswerTo<Type>>;
}

/** Gives past states of aggregates, from their events. No view keeps them. */
export type Past = Pick<AggregateReader, "stateAsOf">;

/** A post with the name of its author. */
export interface ShownPost extends PostRecord {
  readonly author_name: string | null;
}

/** One event of a post. */
export interface PostRevision extends PostRevisionRecord {
  /** True if it is only here to compare a newer event of its type with it. */
  readonly is_earlier: boolean;
}

/** A post as it was. A value that was not known then is null. The author has the present name. */
export type PostAtVersion = { readonly [Column in keyof PostRecord]?: PostRecord[Column] | null } & {
  readonly aggregate_id: string;
  readonly version: number;
  readonly updated_at: Date;
  readonly author_name: string | null;
  /** The present version. */
  readonly newest_version: number;
};

/** A post in a list. */
export interface PostSummary extends Omit<ShownPost, "content"> {
  /** The first part of the content. */
  readonly excerpt: string;
}

/** A page of a list, and the cursor of the next page if there is one. */
export interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

export interface PageRequest {
  /** The most rows that the page may have. */
  readonly limit: number;
  /** The `next` of the page before. One that we did not make is ignored. */
  readonly after?: string | undefined;
}
