import { CommandHandler, on } from "../../framework/index.ts";
import { Author } from "./author.ts";
import { AddAuthor } from "./commands.ts";

export class AuthorCommandHandler extends CommandHandler {
  readonly handlers = [on(AddAuthor, (command) => this.repository.addAggregate(Author.add(command)))];
}
