import { CommandHandler, on } from "#sequent";
import { Author } from "./author.ts";
import { AddAuthor, EraseAuthor } from "./commands.ts";

export class AuthorCommandHandler extends CommandHandler {
  readonly handlers = [
    on(AddAuthor, (command) => this.repository.addAggregate(Author.add(command))),
    on(EraseAuthor, (command) => this.doWithAggregate(command, Author, (author) => author.erase(command))),
  ];
}
