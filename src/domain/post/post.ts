import {
  AggregateRoot,
  type CalendarDate,
  date,
  merge,
  on,
  optional,
  Snapshot,
  string,
  text,
} from "../../framework/index.ts";
import type { AddPost, EditPost } from "./commands.ts";
import { PostAlreadyPublished } from "./errors.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostTitleChanged,
} from "./events.ts";

export class PostSnapshot extends Snapshot(
  { version: 1, every: 100 },
  { authorAggregateId: string(), title: string(), content: text(), publicationDate: optional(date()) },
) {}

export class Post extends AggregateRoot {
  static override readonly type = "Post";
  static override readonly snapshot = PostSnapshot;
  #authorAggregateId = "";
  #title = "";
  #content = "";
  #publicationDate: CalendarDate | undefined;

  static add({ aggregateId, authorAggregateId, title, content, publicationDate }: AddPost): Post {
    const post = new Post(aggregateId);
    post.apply(PostAdded);
    post.apply(PostAuthorChanged, { authorAggregateId });
    post.apply(PostTitleChanged, { title });
    post.apply(PostContentChanged, { content });
    if (publicationDate) post.publish(publicationDate);
    return post;
  }

  /** `seen` is the post as the sender saw it: what others changed since is kept, or is an `EditConflict`. */
  edit(asked: EditPost, seen: Post): void {
    const { title, content } = merge({ seen, now: this, asked });
    this.applyIfChanged(PostTitleChanged, { title }, { title: this.#title });
    this.applyIfChanged(PostContentChanged, { content }, { content: this.#content });
  }

  publish(publicationDate: CalendarDate): void {
    if (this.#publicationDate) throw new PostAlreadyPublished(this.id, this.#publicationDate);
    this.apply(PostPublished, { publicationDate, authorAggregateId: this.#authorAggregateId });
  }

  override takeSnapshot() {
    return new PostSnapshot({
      authorAggregateId: this.#authorAggregateId,
      title: this.#title,
      content: this.#content,
      publicationDate: this.#publicationDate,
    });
  }

  readonly handlers = [
    on([PostAuthorChanged, PostSnapshot], ({ authorAggregateId }) => {
      this.#authorAggregateId = authorAggregateId;
    }),
    on([PostTitleChanged, PostSnapshot], ({ title }) => {
      this.#title = title;
    }),
    on([PostContentChanged, PostSnapshot], ({ content }) => {
      this.#content = content;
    }),
    on([PostPublished, PostSnapshot], ({ publicationDate }) => {
      this.#publicationDate = publicationDate;
    }),
  ];
}
