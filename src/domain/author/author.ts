import {
  AggregateRoot,
  actsFor,
  boolean,
  on,
  oneOf,
  optional,
  personal,
  string,
  type UniqueKeys,
} from "#sequent";
import { NotTheAuthor } from "../shared/errors.ts";
import type { AddAuthor, ChooseMails, ConfirmAuthorEmail, EraseAuthor, RenameAuthor } from "./commands.ts";
import {
  AuthorAdded,
  AuthorEmailConfirmed,
  AuthorEmailSet,
  AuthorErased,
  AuthorMailsChosen,
  AuthorNameSet,
} from "./events.ts";

export class Author extends AggregateRoot("Author", {
  name: optional(personal(string())),
  email: optional(personal(string())),
  confirmedEmail: optional(personal(string())),
  mails: optional(oneOf("on", "off")),
  isErased: optional(boolean()),
}) {
  static readonly snapshots = { every: 100, version: 3 };

  static add({ aggregateId, name, email }: AddAuthor): Author {
    const author = new Author(aggregateId);
    author.apply(AuthorAdded);
    author.apply(AuthorNameSet, { name });
    author.apply(AuthorEmailSet, { email });
    return author;
  }

  rename({ userId, name }: RenameAuthor): void {
    this.#refuseOthers(userId);
    this.applyIfChanged(AuthorNameSet, { name });
  }

  confirmEmail({ userId, email }: ConfirmAuthorEmail): void {
    this.#refuseOthers(userId);
    this.applyIfChanged(AuthorEmailSet, { email });
    if (this.state.confirmedEmail !== email) this.apply(AuthorEmailConfirmed, { email });
  }

  chooseMails({ userId, mails }: ChooseMails): void {
    this.#refuseOthers(userId);
    this.applyIfChanged(AuthorMailsChosen, { mails });
  }

  /** The event only says that the author left. `npm run erase` takes the personal values out of the earlier events. */
  erase({ userId, by, reason }: EraseAuthor): void {
    this.#refuseOthers(userId);
    this.apply(AuthorErased, { by, reason });
  }

  #refuseOthers(userId: string | undefined): void {
    if (!actsFor(userId, this.id)) throw new NotTheAuthor(this.id);
  }

  override get isClosed(): boolean {
    return this.state.isErased === true;
  }

  override get uniqueKeys(): UniqueKeys {
    return { author_email: this.state.email?.toLowerCase() };
  }

  readonly handlers = [
    on(AuthorNameSet, ({ name }) => ({ name })),
    on(AuthorEmailSet, ({ email }) => ({ email })),
    on(AuthorEmailConfirmed, ({ email }) => ({ confirmedEmail: email })),
    on(AuthorMailsChosen, ({ mails }) => ({ mails })),
    on(AuthorErased, () => ({ ...nobody, isErased: true })),
  ];
}

/** Otherwise a snapshot would keep what is personal. */
const nobody = { name: undefined, email: undefined, confirmedEmail: undefined };
