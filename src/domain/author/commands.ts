import {
  Command,
  CreationCommand,
  email,
  maxLength,
  notBlank,
  oneOf,
  optional,
  personal,
  string,
  visible,
} from "#sequent";

const name = personal(string(notBlank, maxLength(100), visible));
const address = personal(email(visible));

export class AddAuthor extends CreationCommand("AddAuthor", {
  name,
  email: address,
}) {}

export class RenameAuthor extends Command("RenameAuthor", { name }) {}

/** The author has opened a link that was sent to this address. If it is another one than before, it becomes theirs. */
export class ConfirmAuthorEmail extends Command("ConfirmAuthorEmail", { email: address }) {}

/** Whether they want mails about their posts. */
export class ChooseMails extends Command("ChooseMails", { mails: oneOf("on", "off") }) {}

/** Sent by the author, or by the program of the person who runs the blog. */
export class EraseAuthor extends Command("EraseAuthor", {
  by: string(notBlank),
  reason: optional(string()),
}) {}
