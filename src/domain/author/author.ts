import { AggregateRoot, boolean, on, Snapshot, string, type UniqueKeys } from "../../framework/index.ts";
import type { AddAuthor, EraseAuthor } from "./commands.ts";
import { AuthorAdded, AuthorEmailSet, AuthorErased, AuthorNameSet } from "./events.ts";

export class AuthorSnapshot extends Snapshot(
  { version: 1, every: 100 },
  { email: string(), isErased: boolean() },
) {}

export class Author extends AggregateRoot {
  static override readonly type = "Author";
  static override readonly snapshot = AuthorSnapshot;
  #email = "";
  #isErased = false;

  static add({ aggregateId, name, email }: AddAuthor): Author {
    const author = new Author(aggregateId);
    author.apply(AuthorAdded);
    author.apply(AuthorNameSet, { name });
    author.apply(AuthorEmailSet, { email });
    return author;
  }

  /** That the author leaves is a fact; what was personal is taken out of the earlier facts by `npm run erase`. */
  erase({ by, reason }: Pick<EraseAuthor, "by" | "reason">): void {
    if (!this.#isErased) this.apply(AuthorErased, { by, ...(reason === undefined ? {} : { reason }) });
  }

  override get uniqueKeys(): UniqueKeys {
    return this.#isErased ? {} : { author_email: this.#email.toLowerCase() };
  }

  override takeSnapshot() {
    return new AuthorSnapshot({ email: this.#email, isErased: this.#isErased });
  }

  readonly handlers = [
    on(AuthorEmailSet, ({ email }) => {
      this.#email = email;
    }),
    on(AuthorErased, () => {
      this.#isErased = true;
      this.#email = ""; // also not in a snapshot
    }),
    on(AuthorSnapshot, ({ email, isErased }) => {
      this.#email = email;
      this.#isErased = isErased;
    }),
  ];
}
