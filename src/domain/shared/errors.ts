import { DomainError } from "#sequent";

/** Only the author may do this, or one of our own programs. */
export class NotTheAuthor extends DomainError {
  override readonly status = 403;
  readonly title = "This belongs to somebody else";
  readonly detail = "Only its author can change it.";
  readonly authorId: string;

  constructor(authorId: string) {
    super();
    this.authorId = authorId;
  }

  override get data() {
    return { authorId: this.authorId };
  }
}
