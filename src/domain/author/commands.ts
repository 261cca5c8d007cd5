import { Command, email, maxLength, notBlank, string, visible } from "../../framework/index.ts";

export class AddAuthor extends Command("AddAuthor", {
  name: string(notBlank, maxLength(100), visible),
  email: email(visible),
}) {}
