import type { AuthorRecord } from "./author-record.ts";
import type { PostRecord } from "./post-record.ts";
import type { PostRevisionRecord } from "./post-revision-record.ts";

export type { AuthorRecord };

/**
 * What the blog can be asked, as plain data: `{ type: "PostById", postId }`. Each question with what it takes and
 * what comes back; `query-service.ts` is the one place that knows how to answer.
 */
export interface Queries {
  PublishedPosts: { takes: PageRequest; answer: Page<PostSummary> & Revised };
  RevisionOfPublishedPosts: { takes: PageRequest; answer: string };
  PostById: { takes: { postId: string }; answer: Post | undefined };
  RevisionOfPost: { takes: { postId: string }; answer: string | undefined };
  PostsByAuthor: { takes: PageRequest & { authorId: string }; answer: Page<PostSummary> };
  /** The newest, up to a number and a size in bytes. Oldest first, and before them those whose values they replaced. */
  PostRevisions: { takes: { postId: string; limit: number; bytes: number }; answer: PostRevision[] };
  PostAtVersion: { takes: { postId: string; version: number }; answer: PostAtVersion | undefined };
  AuthorById: { takes: { authorId: string }; answer: AuthorRecord | undefined };
  Authors: { takes: PageRequest; answer: Page<AuthorRecord> };
}

export type QueryType = keyof Queries;
export type Query<Type extends QueryType = QueryType> = {
  [T in Type]: { readonly type: T } & Queries[T]["takes"];
}[Type];
export type Answer<Type extends QueryType> = Queries[Type]["answer"];

/** What differs whenever anything differs that the answer says. */
export interface Revised {
  readonly revision: string;
}

/** A post with the name of its author. */
export interface Post extends PostRecord, Revised {
  readonly author_name: string | null;
  /** The beginning of the content. */
  readonly excerpt: string;
}

/** One thing that happened to a post. */
export interface PostRevision extends PostRevisionRecord {
  /** True if it is only here because a newer event of its type replaced its values. */
  readonly is_earlier: boolean;
}

/** A post as it was: what it remembered of its record, and null for what was not known then. Its author has the name of now. */
export type PostAtVersion = { readonly [Column in keyof PostRecord]?: PostRecord[Column] | null } & {
  readonly aggregate_id: string;
  readonly version: number;
  readonly updated_at: Date;
  readonly author_name: string | null;
  /** The version that it has now. */
  readonly newest_version: number;
};

/** A post as it stands in a list: the beginning of its content, not all of it. */
export type PostSummary = Omit<Post, "content">;

/** A part of a list, and the cursor of the next part where there is one. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

export interface PageRequest {
  /** How many rows at the most. */
  readonly limit: number;
  /** The `next` of the page before; one that we did not make is as none. */
  readonly after?: string | undefined;
}
