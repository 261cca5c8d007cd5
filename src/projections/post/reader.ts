import { actsFor } from "#sequent";
import type { PostRecord } from "./record.ts";

/** The person who reads: the id of their account. Undefined for somebody who is not signed in. */
export interface Reader {
  readonly readerId: string | undefined;
}

/**
 * The first version of a post that somebody may read. Undefined if they may read none: drafts, and versions from before the
 * publication, are for the author.
 */
export function firstVersionFor(
  { readerId }: Reader,
  { author_aggregate_id, published_version }: Pick<PostRecord, "author_aggregate_id" | "published_version">,
): number | undefined {
  return actsFor(readerId, author_aggregate_id) ? 1 : (published_version ?? undefined);
}
