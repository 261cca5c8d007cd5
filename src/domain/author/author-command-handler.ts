import { CommandHandler, on } from "../../framework/index.ts";
import { Author } from "./author.ts";
import { AddAuthor, EraseAuthor } from "./commands.ts";

export class AuthorCommandHandler extends CommandHandler {
  readonly handlers = [
    on(AddAuthor, (command) => this.repository.addAggregate(Author.add(command))),

    on(EraseAuthor, async (command) => {
      const author = await this.repository.loadAggregate(Author, command.aggregateId);
      author.erase(command);
    }),
  ];
}
