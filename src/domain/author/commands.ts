import {
  Command,
  CreationCommand,
  email,
  maxLength,
  notBlank,
  optional,
  personal,
  string,
  visible,
} from "#sequent";

export class AddAuthor extends CreationCommand("AddAuthor", {
  name: personal(string(notBlank, maxLength(100), visible)),
  email: personal(email(visible)),
}) {}

/** Sent by the person who runs the blog, for the author. */
export class EraseAuthor extends Command("EraseAuthor", {
  by: string(notBlank),
  reason: optional(string()),
}) {}
