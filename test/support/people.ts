import { newId } from "#sequent/operations";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, PublishPost } from "../../src/domain/post/commands.ts";

/** An author, by default Ben. */
export function author({ aggregateId = newId(), name = "Ben", email = "ben@example.com" } = {}): AddAuthor {
  return new AddAuthor({ aggregateId, name, email });
}

export function draftBy(
  authorAggregateId: string,
  { aggregateId = newId(), title = "On moss", content = "It is green." } = {},
): AddPost {
  return new AddPost({ aggregateId, userId: authorAggregateId, authorAggregateId, title, content });
}

/** By default, it is published by a program. */
export function publication(aggregateId: string, userId = "program:test"): PublishPost {
  return new PublishPost({ aggregateId, userId, publicationDate: "2026-11-20" });
}
