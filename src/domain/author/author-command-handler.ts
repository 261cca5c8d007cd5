import { CommandHandler, on } from "#sequent";
import { Author } from "./author.ts";
import { AddAuthor, ChooseMails, ConfirmAuthorEmail, EraseAuthor, RenameAuthor } from "./commands.ts";

export class AuthorCommandHandler extends CommandHandler {
  readonly handlers = [
    on(AddAuthor, (command) => this.repository.addAggregate(Author.add(command))),
    on(RenameAuthor, (command) => this.doWithAggregate(command, Author, (author) => author.rename(command))),
    on(ConfirmAuthorEmail, (command) =>
      this.doWithAggregate(command, Author, (author) => author.confirmEmail(command)),
    ),
    on(ChooseMails, (command) =>
      this.doWithAggregate(command, Author, (author) => author.chooseMails(command)),
    ),
    on(EraseAuthor, (command) => this.doWithAggregate(command, Author, (author) => author.erase(command))),
  ];
}
