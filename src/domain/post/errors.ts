import { type CalendarDate, DomainError, longDate } from "#sequent";

/** Who publishes must have shown that their address is theirs. */
export class AddressNotConfirmed extends DomainError {
  override readonly status = 403;
  readonly title = "Please confirm your e-mail address first";
  readonly detail = "Then you can publish. Until then, your posts are kept as drafts.";
}

/** A post is published only once. */
export class PostAlreadyPublished extends DomainError {
  readonly title = "Already published";
  readonly detail: string;
  readonly postId: string;
  readonly publicationDate: CalendarDate;

  constructor(postId: string, publicationDate: CalendarDate) {
    super(`The post ${postId} was published on ${publicationDate}.`);
    this.detail = `This post was published on ${longDate(publicationDate)}. A post is published only once.`;
    this.postId = postId;
    this.publicationDate = publicationDate;
  }

  override get data() {
    return { publicationDate: this.publicationDate };
  }
}
