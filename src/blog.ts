import type { Knex } from "knex";
import { Author } from "./domain/author/author.ts";
import { AuthorCommandHandler } from "./domain/author/author-command-handler.ts";
import * as authorCommands from "./domain/author/commands.ts";
import * as authorEvents from "./domain/author/events.ts";
import * as postCommands from "./domain/post/commands.ts";
import * as postEvents from "./domain/post/events.ts";
import { Post } from "./domain/post/post.ts";
import { PostCommandHandler } from "./domain/post/post-command-handler.ts";
import {
  CommandService,
  type EventStore,
  EventTypes,
  PostgresEventStore,
  SnapshotTaker,
} from "./framework/index.ts";
import { AuthorProjector } from "./projections/author-projector.ts";
import { PostProjector } from "./projections/post-projector.ts";
import { PostRevisionProjector } from "./projections/post-revision-projector.ts";
import { QueryService } from "./projections/query-service.ts";

/** Who listens to what is listed here, by hand, and nowhere else. */
export const eventTypes = new EventTypes([authorEvents, postEvents]);
export const commandClasses = [authorCommands, postCommands].flatMap((each) => Object.values(each));
export const aggregates = [Author, Post];
export const commandHandlers = [AuthorCommandHandler, PostCommandHandler];
export const projectors = [AuthorProjector, PostProjector, PostRevisionProjector];
export const workflows = [];
/** Who can be erased: the command that asks for it, and the event that records it. */
export const erasures = {
  author: { aggregate: Author, command: authorCommands.EraseAuthor, event: authorEvents.AuthorErased },
};

/** The whole blog: what changes it, and what it can be asked. */
export interface Blog {
  readonly eventStore: EventStore;
  readonly commandService: CommandService;
  readonly queries: QueryService;
  /** Works in the background: to be stopped before the connections are closed. */
  readonly snapshots: SnapshotTaker;
}

export function createBlog(
  { write, read }: { write: Knex; read: Knex },
  { onSnapshotError }: { onSnapshotError?: (error: unknown) => void } = {},
): Blog {
  const eventStore = new PostgresEventStore(write, eventTypes);
  const snapshots = new SnapshotTaker(eventStore, onSnapshotError);
  const listeners = { aggregates, commandHandlers, projectors, workflows };
  return {
    eventStore,
    commandService: new CommandService({ eventStore, snapshots, ...listeners }),
    queries: new QueryService(read, projectors),
    snapshots,
  };
}
