import { type BaseEvent, on, Projector } from "#sequent";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostTitleChanged,
} from "../domain/post/events.ts";
import { postRevisionRecords } from "./post-revision-record.ts";

export class PostRevisionProjector extends Projector("PostRevisionProjector", {
  version: 1,
  tables: [postRevisionRecords],
  partitioned: true,
}) {
  readonly handlers = [
    on(PostAdded, (event) => this.#revise(event, "added")),
    on(PostAuthorChanged, (event) => this.#revise(event, "author", event.authorAggregateId)),
    on(PostTitleChanged, (event) => this.#revise(event, "title", event.title)),
    on(PostContentChanged, (event) => this.#revise(event, "content", event.content)),
    on(PostPublished, (event) => this.#revise(event, "published", event.publicationDate)),
  ];

  #revise(
    { aggregateId, sequenceNumber, createdAt }: BaseEvent,
    change: string,
    value: string | null = null,
  ): void {
    this.create(postRevisionRecords, {
      post_aggregate_id: aggregateId,
      version: sequenceNumber,
      change,
      value,
      created_at: createdAt,
    });
  }
}
