import { newId } from "#sequent/operations";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, PublishPost } from "../../src/domain/post/commands.ts";

/** An author, Ben unless said otherwise. */
export function author({ aggregateId = newId(), name = "Ben", email = "ben@example.com" } = {}): AddAuthor {
  return new AddAuthor({ aggregateId, name, email });
}

export function draftBy(
  authorAggregateId: string,
  { aggregateId = newId(), title = "On moss", content = "It is green." } = {},
): AddPost {
  return new AddPost({ aggregateId, authorAggregateId, title, content });
}

export function publication(aggregateId: string): PublishPost {
  return new PublishPost({ aggregateId, publicationDate: "2026-11-20" });
}
