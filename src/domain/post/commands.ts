import {
  Command,
  CreationCommand,
  date,
  maxBytes,
  maxLength,
  notBlank,
  optional,
  reference,
  string,
  text,
} from "#sequent";

const title = string(notBlank, maxLength(120));
const content = text(notBlank, maxBytes(64 * 1024));

/** Adds a draft. With a date, it also publishes it. */
export class AddPost extends CreationCommand("AddPost", {
  authorAggregateId: reference("Author"),
  title,
  content,
  publicationDate: optional(date()),
}) {}

/** Its `seenVersion` is the version that the user saw. Without one, it overwrites later changes of others. */
export class EditPost extends Command("EditPost", { title, content }) {}

export class PublishPost extends Command("PublishPost", { publicationDate: date() }) {}
