import { type CalendarDate, CommandNotValid, DomainError, longDate } from "#sequent";

/** Who publishes must have shown that their address is theirs. */
export class AddressNotConfirmed extends DomainError {
  override readonly status = 403;
  readonly title = "Please confirm your e-mail address first";
  readonly detail = "Then you can publish. Until then, your posts are kept as drafts.";
}

/** A post can be scheduled for the future only. */
export class TimeHasPassed extends CommandNotValid {
  constructor(commandType: string) {
    super(commandType, { dueAt: [{ code: "time_has_passed", message: "must be in the future" }] }, {});
  }
}

/** The post was published before its schedule could be cancelled. */
export class TooLateToCancel extends DomainError {
  readonly title = "Too late to cancel";
  readonly detail = "This post was published before the schedule could be cancelled.";
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
