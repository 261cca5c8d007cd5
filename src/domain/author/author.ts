import { AggregateRoot, on } from "../../framework/index.ts";
import type { AddAuthor } from "./commands.ts";
import { AuthorAdded, AuthorEmailSet, AuthorNameSet } from "./events.ts";

export class Author extends AggregateRoot {
  static override readonly type = "Author";
  #email = "";

  static add({ aggregateId, name, email }: AddAuthor): Author {
    const author = new Author(aggregateId);
    author.apply(AuthorAdded);
    author.apply(AuthorNameSet, { name });
    author.apply(AuthorEmailSet, { email });
    return author;
  }

  override get uniqueKeys() {
    return { author_email: this.#email.toLowerCase() };
  }

  readonly handlers = [
    on(AuthorEmailSet, ({ email }) => {
      this.#email = email;
    }),
  ];
}
