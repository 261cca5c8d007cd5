import { AggregateRoot, boolean, on, optional, personal, string, type UniqueKeys } from "#sequent";
import type { AddAuthor, EraseAuthor } from "./commands.ts";
import { AuthorAdded, AuthorEmailSet, AuthorErased, AuthorNameSet } from "./events.ts";

export class Author extends AggregateRoot("Author", {
  email: optional(personal(string())),
  isErased: optional(boolean()),
}) {
  static readonly snapshots = { every: 100, version: 1 };

  static add({ aggregateId, name, email }: AddAuthor): Author {
    const author = new Author(aggregateId);
    author.apply(AuthorAdded);
    author.apply(AuthorNameSet, { name });
    author.apply(AuthorEmailSet, { email });
    return author;
  }

  /** The event only says that the author left. `npm run erase` takes the personal values out of the earlier events. */
  erase({ by, reason }: Pick<EraseAuthor, "by" | "reason">): void {
    this.apply(AuthorErased, { by, reason });
  }

  override get isClosed(): boolean {
    return this.state.isErased === true;
  }

  override get uniqueKeys(): UniqueKeys {
    return { author_email: this.state.email?.toLowerCase() };
  }

  readonly handlers = [
    on(AuthorEmailSet, ({ email }) => ({ email })),
    on(AuthorErased, () => ({ isErased: true, email: undefined })), // otherwise a snapshot would keep the address
  ];
}
