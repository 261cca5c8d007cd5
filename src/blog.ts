import type { Knex } from "knex";
import { AuthorCommandHandler } from "./domain/author/author-command-handler.ts";
import * as authorEvents from "./domain/author/events.ts";
import * as postEvents from "./domain/post/events.ts";
import { PostCommandHandler } from "./domain/post/post-command-handler.ts";
import { CommandService, type EventStore, EventTypes, PostgresEventStore } from "./framework/index.ts";
import { AuthorProjector } from "./projections/author-projector.ts";
import { PostProjector } from "./projections/post-projector.ts";
import { PostRevisionProjector } from "./projections/post-revision-projector.ts";
import { QueryService } from "./projections/query-service.ts";

/** Who listens to what is listed here, by hand, and nowhere else. */
export const eventTypes = new EventTypes([authorEvents, postEvents]);
export const commandHandlers = [AuthorCommandHandler, PostCommandHandler];
export const projectors = [AuthorProjector, PostProjector, PostRevisionProjector];
export const workflows = [];

/** The whole blog: what changes it, and what it can be asked. */
export interface Blog {
  readonly eventStore: EventStore;
  readonly commandService: CommandService;
  readonly queries: QueryService;
}

export function createBlog({ write, read }: { write: Knex; read: Knex }): Blog {
  const eventStore = new PostgresEventStore(write, eventTypes);
  return {
    eventStore,
    commandService: new CommandService({ eventStore, commandHandlers, projectors, workflows }),
    queries: new QueryService(read),
  };
}
