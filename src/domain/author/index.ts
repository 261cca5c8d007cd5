import type { DomainModule } from "#sequent";
import { Author } from "./author.ts";
import { AuthorCommandHandler } from "./author-command-handler.ts";
import * as commands from "./commands.ts";
import * as events from "./events.ts";

export const author = {
  aggregate: Author,
  commandHandler: AuthorCommandHandler,
  commands,
  events,
  erasure: { kind: "author", command: commands.EraseAuthor, event: events.AuthorErased },
} satisfies DomainModule;
