import { AggregateRoot, actsFor, date, merge, on, optional, string, text, uuid } from "#sequent";
import { NotTheAuthor } from "../shared/errors.ts";
import type { AddPost, EditPost, PublishPost } from "./commands.ts";
import { PostAlreadyPublished } from "./errors.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostTitleChanged,
} from "./events.ts";

export class Post extends AggregateRoot("Post", {
  authorAggregateId: uuid(),
  title: string(),
  content: text(),
  publicationDate: optional(date()),
}) {
  static readonly snapshots = { every: 100, version: 1 };

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

  publish({ userId, publicationDate }: Pick<PublishPost, "userId" | "publicationDate">): void {
    this.#refuseOthers({ userId });
    const { publicationDate: published, authorAggregateId } = this.state;
    if (published) throw new PostAlreadyPublished(this.id, published);
    this.apply(PostPublished, { publicationDate, authorAggregateId });
  }

  #refuseOthers({ userId }: Pick<EditPost, "userId">): void {
    const { authorAggregateId } = this.state;
    if (!actsFor(userId, authorAggregateId)) throw new NotTheAuthor(authorAggregateId);
  }

  readonly handlers = [
    on(PostAuthorChanged, ({ authorAggregateId }) => ({ authorAggregateId })),
    on(PostTitleChanged, ({ title }) => ({ title })),
    on(PostContentChanged, ({ content }) => ({ content })),
    on(PostPublished, ({ publicationDate }) => ({ publicationDate })),
  ];
}
