import type { Knex } from "knex";
import type { DomainModule } from "#sequent";
import {
  AggregateReader,
  CommandService,
  type CommandServiceOptions,
  checkWiring,
  domainOf,
  type EventStore,
  PostgresEventStore,
  type ProjectorClass,
  SnapshotTaker,
  type WorkflowClass,
} from "#sequent/operations";
import { accountFilters } from "./account-filters.ts";
import { author } from "./domain/author/index.ts";
import { post } from "./domain/post/index.ts";
import { AuthorProjector } from "./projections/author/projector.ts";
import { AuthorRevisionProjector } from "./projections/author-revision/projector.ts";
import { PostProjector } from "./projections/post/projector.ts";
import { PostRevisionProjector } from "./projections/post-revision/projector.ts";
import { QueryService } from "./projections/query-service.ts";

/** All parts of the blog. To see who listens to what, search here. */
export const modules: readonly DomainModule[] = [author, post];
export const projectors: readonly ProjectorClass[] = [
  AuthorProjector,
  AuthorRevisionProjector,
  PostProjector,
  PostRevisionProjector,
];
/** A workflow gets what it needs from the parts: `({ mailer }) => [welcomeWorkflow(mailer)]`. */
export const workflowsOf: (parts: BlogParts) => readonly WorkflowClass[] = () => [];

export const { eventTypes, commandClasses, aggregates, commandHandlers, erasures } = domainOf(modules);

/** What the blog gets from outside. If it needs something else, such as a mailer, add one more part. */
interface BlogParts
  extends Pick<CommandServiceOptions, "filters" | "middleware" | "onAfterCommitError" | "clock"> {
  readonly write: Knex;
  readonly read: Knex;
  readonly onSnapshotError?: (error: unknown) => void;
  /** True if people may publish only after they have confirmed their address. */
  readonly confirmAddress?: boolean;
}

/** The whole blog: the command service changes it, and queries read it. */
export interface Blog {
  readonly eventStore: EventStore;
  readonly commandService: CommandService;
  readonly queries: QueryService;
  /** Works in the background. Stop it before you close the connections. */
  readonly snapshots: SnapshotTaker;
}

/** Reads from the server of these connections: views for the present, events for the past. */
export function queriesOn(read: Knex): QueryService {
  const past = new AggregateReader(new PostgresEventStore(read, eventTypes), aggregates);
  return new QueryService({ knex: read, projectors, past });
}

/** Throws `NotWired` if the lists above do not fit together. */
export function createBlog(parts: BlogParts): Blog {
  const { write, read, onSnapshotError, middleware, onAfterCommitError, clock } = parts;
  const filters = [...(parts.filters ?? [])];
  filters.push(...accountFilters(write, parts.confirmAddress === true));
  const workflows = workflowsOf(parts);
  checkWiring({ modules, projectors, workflows });
  const eventStore = new PostgresEventStore(write, eventTypes);
  const snapshots = new SnapshotTaker(eventStore, onSnapshotError);
  return {
    eventStore,
    commandService: new CommandService({
      eventStore,
      snapshots,
      commandHandlers,
      projectors,
      workflows,
      filters,
      middleware,
      onAfterCommitError,
      clock,
    }),
    queries: queriesOn(read),
    snapshots,
  };
}
