import type { DomainModule } from "#sequent";
import * as commands from "./commands.ts";
import * as events from "./events.ts";
import { Post } from "./post.ts";
import { PostCommandHandler } from "./post-command-handler.ts";

export const post = {
  aggregate: Post,
  commandHandler: PostCommandHandler,
  commands,
  events,
} satisfies DomainModule;
