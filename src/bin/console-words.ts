import type { BaseEvent, DomainModule } from "#sequent";
import { AggregateRepository, newId, type RecordedLog, storeFacts, userOfProgram } from "#sequent/operations";
import { aggregates, type Blog, modules, projectors } from "../blog.ts";
import { type Query, queries } from "../projections/queries.ts";
import type { Settings } from "../settings.ts";
import { Refused } from "./command.ts";

/** What a person can use in the console, in addition to the messages. */
export function wordsOf(blog: Blog, log: RecordedLog, { production }: Pick<Settings, "production">) {
  const { eventStore, commandService } = blog;
  return {
    blog,
    commandService,
    queries: blog.queries,
    log,
    messages,
    newId,

    async ask(asked: string | Query, values: object = {}) {
      const given = typeof asked === "string" ? { type: asked, ...values } : asked;
      const reader: object = { readerId: userOfProgram(program) }; // shows drafts, too, unless it reads as a person
      const query = { ...reader, ...given } as Query;
      if (!Object.hasOwn(queries, query.type))
        throw new Refused(
          `There is no query "${query.type}". There are: ${Object.keys(queries).join(", ")}.`,
        );
      return blog.queries.ask(query);
    },

    async load(aggregateClass: DomainModule["aggregate"], aggregateId: string) {
      if (!aggregates.includes(aggregateClass))
        throw new Refused(`load(Class, id) takes one of: ${aggregates.map(({ name }) => name).join(", ")}.`);
      return new AggregateRepository(eventStore).loadAggregate(aggregateClass, aggregateId);
    },

    async given(...events: readonly BaseEvent[]) {
      if (production)
        throw new Refused("given() stores what no rule has allowed, so not in production. Send a command.");
      await storeFacts({ eventStore, modules, projectors, userId: userOfProgram(program) }, events);
    },
  };
}

export const program = "npm run console";

/** The exports of the modules: commands, events, value objects, and the aggregates. */
export const messages: Readonly<Record<string, unknown>> = Object.assign(
  {},
  ...modules.map(({ commands, events, aggregate }) => ({
    ...commands,
    ...events,
    [aggregate.name]: aggregate,
  })),
);
