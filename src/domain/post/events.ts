import { date, Event, string, text, time, uuid } from "#sequent";

export class PostAdded extends Event("PostAdded") {}
export class PostAuthorChanged extends Event("PostAuthorChanged", { authorAggregateId: uuid() }) {}
export class PostTitleChanged extends Event("PostTitleChanged", { title: string() }) {}
export class PostContentChanged extends Event("PostContentChanged", { content: text() }) {}
/** Also names the author, so a view of authors need not look it up. */
export class PostPublished extends Event("PostPublished", {
  publicationDate: date(),
  authorAggregateId: uuid(),
}) {}
/** It will be published at this time. The time zone is the one in which the author thinks of it. */
export class PostScheduled extends Event("PostScheduled", { dueAt: time(), timeZone: string() }) {}
export class PostScheduleCancelled extends Event("PostScheduleCancelled") {}
