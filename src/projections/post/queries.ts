import { actsFor } from "#sequent";
import type { PostgresConnections } from "#sequent/operations";
import { columnsOf } from "../columns.ts";
import { type PageRequest, pageOf } from "../keyset.ts";
import {
  from,
  type PostSummary,
  postsByAuthor,
  publishedPosts,
  publishedPostsByAuthor,
  publishedPostsById,
} from "./lists.ts";
import { firstVersionFor, type Reader } from "./reader.ts";
import { type PostRecord, postRecords } from "./record.ts";

/** A post with the name of its author. */
export interface ShownPost extends PostRecord {
  readonly author_name: string | null;
}

/** A post as one person may read it. */
export interface ReadablePost extends ShownPost {
  /** The first version that this person may read: that of the publication, or for the author the first one. */
  readonly first_version: number;
}

export const postQueries = {
  /** A draft is there only for its author. */
  async PostById(
    views: PostgresConnections,
    { postId, ...reader }: Reader & { postId: string },
  ): Promise<ReadablePost | undefined> {
    const post = await views.first<ShownPost>(postById, [postId]);
    if (!post) return undefined;
    const first_version = firstVersionFor(reader, post);
    return first_version === undefined ? undefined : { ...post, first_version };
  },

  PublishedPosts: (views: PostgresConnections, request: PageRequest) =>
    pageOf(views, publishedPosts, request),

  /** Of posts that somebody else has named: those that everybody may read. */
  PublishedPostsById: (views: PostgresConnections, { postIds }: { postIds: readonly string[] }) =>
    views.all<PostSummary>(publishedPostsById, [postIds]),

  /** Its drafts are there only for the author. */
  PostsByAuthor(
    views: PostgresConnections,
    { authorId, readerId, ...request }: PageRequest & Reader & { authorId: string },
  ) {
    const list = actsFor(readerId, authorId) ? postsByAuthor : publishedPostsByAuthor;
    return pageOf(views, list, request, authorId);
  },
};

const post = `${columnsOf(postRecords, "posts")}, authors.name as author_name`;

const postById = `select ${post} ${from} where posts.aggregate_id = $1`;
