import {
  AggregateRoot,
  actsFor,
  date,
  integer,
  merge,
  on,
  optional,
  string,
  text,
  time,
  uuid,
} from "#sequent";
import { NotTheAuthor } from "../shared/errors.ts";
import { instantsOf } from "../shared/time-zone.ts";
import type { AddPost, CancelSchedule, EditPost, PublishPost, SchedulePost } from "./commands.ts";
import { PostAlreadyPublished, TimeHasPassed, TooLateToCancel } from "./errors.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostScheduleCancelled,
  PostScheduled,
  PostTitleChanged,
} from "./events.ts";

export class Post extends AggregateRoot("Post", {
  authorAggregateId: uuid(),
  title: string(),
  content: text(),
  publicationDate: optional(date()),
  dueAt: optional(time()),
  timeZone: optional(string()),
  scheduledVersion: optional(integer()),
}) {
  static readonly snapshots = { every: 100, version: 2 };

  /** People write in their own name. */
  static add({ aggregateId, userId, authorAggregateId, title, content, publicationDate }: AddPost): Post {
    if (!actsFor(userId, authorAggregateId)) throw new NotTheAuthor(authorAggregateId);
    const post = new Post(aggregateId);
    post.apply(PostAdded);
    post.apply(PostAuthorChanged, { authorAggregateId });
    post.apply(PostTitleChanged, { title });
    post.apply(PostContentChanged, { content });
    if (publicationDate) post.publish({ userId, publicationDate });
    return post;
  }

  /** `seen` is the post as the user saw it. Changes of others since then are kept, or lead to an `EditConflict`. */
  edit(asked: EditPost, seen: Post): void {
    this.#refuseOthers(asked); // before the merge, whose conflict shows the text
    const { title, content } = merge({ seen, now: this, asked });
    this.applyIfChanged(PostTitleChanged, { title });
    this.applyIfChanged(PostContentChanged, { content });
  }

  publish(asked: Pick<PublishPost, "userId" | "publicationDate" | "scheduledVersion">): void {
    const { publicationDate, scheduledVersion } = asked;
    this.#refuseOthers(asked);
    if (scheduledVersion !== undefined && scheduledVersion !== this.state.scheduledVersion) return;
    this.#refuseIfPublished();
    this.apply(PostPublished, { publicationDate, authorAggregateId: this.state.authorAggregateId });
  }

  schedule(asked: SchedulePost): void {
    const { timeZone } = asked;
    this.#refuseOthers(asked);
    this.#refuseIfPublished();
    const [dueAt] = instantsOf(asked.dueAt, timeZone);
    if (!dueAt || dueAt <= asked.createdAt) throw new TimeHasPassed(asked.class.type);
    this.applyIfChanged(PostScheduled, { dueAt, timeZone });
  }

  cancelSchedule(asked: CancelSchedule): void {
    this.#refuseOthers(asked);
    if (this.state.publicationDate) throw new TooLateToCancel();
    if (this.state.dueAt) this.apply(PostScheduleCancelled);
  }

  #refuseOthers({ userId }: Pick<EditPost, "userId">): void {
    const { authorAggregateId } = this.state;
    if (!actsFor(userId, authorAggregateId)) throw new NotTheAuthor(authorAggregateId);
  }

  #refuseIfPublished(): void {
    const { publicationDate } = this.state;
    if (publicationDate) throw new PostAlreadyPublished(this.id, publicationDate);
  }

  readonly handlers = [
    on(PostAuthorChanged, ({ authorAggregateId }) => ({ authorAggregateId })),
    on(PostTitleChanged, ({ title }) => ({ title })),
    on(PostContentChanged, ({ content }) => ({ content })),
    on(PostPublished, ({ publicationDate }) => ({ publicationDate, ...notScheduled })),
    on(PostScheduled, ({ dueAt, timeZone, sequenceNumber }) => ({
      dueAt,
      timeZone,
      scheduledVersion: sequenceNumber,
    })),
    on(PostScheduleCancelled, () => notScheduled),
  ];
}

const notScheduled = { dueAt: undefined, scheduledVersion: undefined };
