import type { CalendarDate } from "#sequent";

/** A post is published once. Answer with 409 and the day on which it was. */
export class PostAlreadyPublished extends Error {
  readonly postId: string;
  readonly publicationDate: CalendarDate;

  constructor(postId: string, publicationDate: CalendarDate) {
    super(`The post ${postId} was published on ${publicationDate}.`);
    this.postId = postId;
    this.publicationDate = publicationDate;
  }
}
