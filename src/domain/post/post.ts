import { AggregateRoot, type CalendarDate, on } from "../../framework/index.ts";
import type { AddPost, EditPost } from "./commands.ts";
import { PostAlreadyPublished } from "./errors.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostTitleChanged,
} from "./events.ts";

export class Post extends AggregateRoot {
  static override readonly type = "Post";
  #authorAggregateId = "";
  #title = "";
  #content = "";
  #publicationDate?: CalendarDate;

  static add({ aggregateId, authorAggregateId, title, content }: AddPost): Post {
    const post = new Post(aggregateId);
    post.apply(PostAdded);
    post.apply(PostAuthorChanged, { authorAggregateId });
    post.apply(PostTitleChanged, { title });
    post.apply(PostContentChanged, { content });
    return post;
  }

  edit({ title, content }: EditPost): void {
    this.applyIfChanged(PostTitleChanged, { title }, { title: this.#title });
    this.applyIfChanged(PostContentChanged, { content }, { content: this.#content });
  }

  publish(publicationDate: CalendarDate): void {
    if (this.#publicationDate) throw new PostAlreadyPublished(this.id, this.#publicationDate);
    this.apply(PostPublished, { publicationDate, authorAggregateId: this.#authorAggregateId });
  }

  readonly handlers = [
    on(PostAuthorChanged, ({ authorAggregateId }) => {
      this.#authorAggregateId = authorAggregateId;
    }),
    on(PostTitleChanged, ({ title }) => {
      this.#title = title;
    }),
    on(PostContentChanged, ({ content }) => {
      this.#content = content;
    }),
    on(PostPublished, ({ publicationDate }) => {
      this.#publicationDate = publicationDate;
    }),
  ];
}
