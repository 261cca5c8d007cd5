import {
  Command,
  CreationCommand,
  date,
  integer,
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

/** `seenVersion` is the version of the post that the user saw. Without it, changes of others since then are lost. */
export class EditPost extends Command("EditPost", { title, content, seenVersion: optional(integer()) }) {}

export class PublishPost extends Command("PublishPost", { publicationDate: date() }) {}
