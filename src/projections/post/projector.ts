import { type BaseEvent, type ChangesOf, on, Projector } from "#sequent";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostScheduleCancelled,
  PostScheduled,
  PostTitleChanged,
} from "../../domain/post/events.ts";
import { postRecords } from "./record.ts";

export class PostProjector extends Projector("PostProjector", {
  version: 3,
  tables: [postRecords],
  partitioned: true,
}) {
  readonly handlers = [
    on(PostAdded, ({ aggregateId, sequenceNumber, createdAt }) =>
      this.create(postRecords, {
        aggregate_id: aggregateId,
        title: "",
        content: "",
        version: sequenceNumber,
        created_at: createdAt,
        updated_at: createdAt,
      }),
    ),

    on(PostAuthorChanged, (event) => this.#change(event, { author_aggregate_id: event.authorAggregateId })),

    on(PostTitleChanged, (event) => this.#change(event, { title: event.title })),

    on(PostContentChanged, (event) => this.#change(event, { content: event.content })),

    on(PostPublished, (event) =>
      this.#change(event, {
        publication_date: event.publicationDate,
        published_at: event.createdAt,
        published_version: event.sequenceNumber,
        ...notScheduled,
      }),
    ),

    on(PostScheduled, (event) =>
      this.#change(event, {
        due_at: event.dueAt,
        time_zone: event.timeZone,
        scheduled_version: event.sequenceNumber,
      }),
    ),

    on(PostScheduleCancelled, (event) => this.#change(event, notScheduled)),
  ];

  #change(
    { aggregateId, sequenceNumber, createdAt }: BaseEvent,
    changes: ChangesOf<typeof postRecords>,
  ): void {
    this.update(
      postRecords,
      { aggregate_id: aggregateId },
      { version: sequenceNumber, updated_at: createdAt, ...changes },
    );
  }
}

const notScheduled = { due_at: null, scheduled_version: null };
