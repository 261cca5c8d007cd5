import type { Knex } from "knex";
import type { DomainModule, Subscription } from "#sequent";
import {
  AggregateReader,
  Bell,
  CommandService,
  type CommandServiceOptions,
  checkWiring,
  type DueCommands,
  domainOf,
  type EventStore,
  PostgresEventStore,
  type ProjectorClass,
  PublishedLog,
  SnapshotTaker,
  type SubscriptionLog,
  type Subscriptions,
  subscriptionsOn,
  type WhichSubscriptions,
  type WorkflowClass,
} from "#sequent/operations";
import { accountFilters } from "./account-filters.ts";
import { authorMailsOf } from "./author-mails/author-mails.ts";
import { Tracker, type TrackerParts } from "./brokers/tracker.ts";
import { author } from "./domain/author/index.ts";
import { post } from "./domain/post/index.ts";
import type { MailParts } from "./mail/mail.ts";
import { AuthorProjector } from "./projections/author/projector.ts";
import { AuthorRevisionProjector } from "./projections/author-revision/projector.ts";
import { PostProjector } from "./projections/post/projector.ts";
import { PostRevisionProjector } from "./projections/post-revision/projector.ts";
import { QueryService } from "./projections/query-service.ts";
import { duePublications } from "./publish-later.ts";

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
/** The commands that wait in a view until they are due. */
const sourcesOfDueCommands: readonly ((queries: QueryService) => DueCommands)[] = [duePublications];

/** A subscription gets what it needs in the same way: `({ mailer }) => [new WelcomeMails(mailer)]`. */
const makersOfSubscriptions: readonly SubscriptionMaker[] = [trackersOf, authorMailsOf];
export function subscriptionsOf(parts: BlogParts): readonly Subscription[] {
  const queries = queriesOn(parts.background ?? parts.write);
  return makersOfSubscriptions.flatMap((make) => make({ ...parts, queries }));
}

export const { eventTypes, commandClasses, aggregates, commandHandlers, erasures } = domainOf(modules);

/** What the blog gets from outside. If it needs something else, such as a mailer, add one more part. */
interface BlogParts
  extends Pick<CommandServiceOptions, "filters" | "middleware" | "onAfterCommitError" | "clock"> {
  readonly write: Knex;
  readonly read: Knex;
  /** For subscriptions, so that they do not use up the connections of `write`. */
  readonly background?: Knex;
  readonly onSnapshotError?: (error: unknown) => void;
  /** Those that this process works for. By default, all. */
  readonly subscriptionsToRun?: WhichSubscriptions;
  readonly subscriptionLog?: SubscriptionLog;
  /** For subscriptions that send mails. */
  readonly mailing?: MailParts;
  /** Where events are published for other programs. */
  readonly broker?: Pick<TrackerParts, "address" | "source" | "withPersonal"> | undefined;
  /** True if people may publish only after they have confirmed their address. */
  readonly confirmAddress?: boolean;
}

type SubscriptionMaker = (parts: BlogParts & Pick<Blog, "queries">) => readonly Subscription[];

/** The whole blog: the command service changes it, and queries read it. */
export interface Blog {
  readonly eventStore: EventStore;
  readonly commandService: CommandService;
  readonly queries: QueryService;
  /** Works in the background. Stop it before you close the connections. */
  readonly snapshots: SnapshotTaker;
  /** Start them when the database is up to date, and stop them before you close the connections. */
  readonly subscriptions: Subscriptions;
  /** Those that are due, for a program that sends them: see `sendWhenDue`. */
  readonly dueCommands: readonly DueCommands[];
}

function trackersOf({ write, background = write, broker, subscriptionLog: log }: BlogParts): Subscription[] {
  return broker ? [new Tracker({ ...broker, store: new PublishedLog(background), eventTypes, log })] : [];
}

/** Reads from the server of these connections: views for the present, events for the past. */
export function queriesOn(read: Knex): QueryService {
  const past = new AggregateReader(new PostgresEventStore(read, eventTypes), aggregates);
  return new QueryService({ knex: read, projectors, past });
}

/** Throws `NotWired` if the lists above do not fit together. */
export function createBlog(parts: BlogParts): Blog {
  const { write, read, background = write, onSnapshotError, middleware, onAfterCommitError, clock } = parts;
  const filters = [...(parts.filters ?? [])];
  filters.push(...accountFilters(write, parts.confirmAddress === true));
  const workflows = workflowsOf(parts);
  const subscriptions = subscriptionsOf(parts);
  checkWiring({ modules, projectors, workflows, subscriptions });
  const bell = new Bell();
  const eventStore = new PostgresEventStore(write, eventTypes, bell.ring);
  const snapshots = new SnapshotTaker(eventStore, onSnapshotError);
  const commandService = new CommandService({
    eventStore,
    snapshots,
    commandHandlers,
    projectors,
    workflows,
    filters,
    middleware,
    onAfterCommitError,
    clock,
  });
  return {
    eventStore,
    commandService,
    queries: queriesOn(read),
    snapshots,
    subscriptions: subscriptionsOn(background, {
      ...{ subscriptions, eventTypes, commandService, bell },
      which: parts.subscriptionsToRun,
      log: parts.subscriptionLog,
    }),
    dueCommands: sourcesOfDueCommands.map((sourceOn) => sourceOn(queriesOn(background))),
  };
}
