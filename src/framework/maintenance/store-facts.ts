import { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import type { BaseAggregate } from "../aggregates/aggregate-root.ts";
import type { DomainModule } from "../commands/domain-module.ts";
import { CreationCommand } from "../messages/command.ts";
import { BaseEvent, withEnvelope } from "../messages/event.ts";
import { LiveProjection } from "../projections/projection.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { EventStore } from "../store/event-store.ts";

/** Is stored with events that no command has decided. It has no handler, so nobody can send it. */
export class GivenEvents extends CreationCommand("GivenEvents") {}

interface FactsOptions {
  readonly eventStore: EventStore;
  readonly modules: readonly DomainModule[];
  readonly projectors?: readonly ProjectorClass[];
  /** Who gives them. */
  readonly userId?: string;
}

/**
 * Stores events as if commands had led to them, with their unique keys and the rows of the views. No rule is checked, and no
 * workflow reacts. Events of `Event.of` have no number: they get the next ones of their aggregates.
 *
 *     await storeFacts({ eventStore, modules, projectors }, [PostAdded.of(post), PostTitleChanged.of(post, { title })]);
 */
export async function storeFacts(
  { eventStore, modules, projectors = [], userId }: FactsOptions,
  events: readonly BaseEvent[],
): Promise<void> {
  if (events.length === 0) return;
  for (const event of events) refuseIfNoEvent(event);
  await eventStore.store(
    async (rows, live) => {
      const repository = new AggregateRepository(eventStore);
      const projection = new LiveProjection(live, rows);
      const facts: BaseEvent[] = [];
      for (const event of events) {
        const aggregate = await aggregateOf(event, modules, repository);
        const fact = withEnvelope(event, { sequenceNumber: event.sequenceNumber || aggregate.version + 1 });
        aggregate.refuseIfClosed();
        aggregate.loadFromHistory([fact]);
        await projection.project(fact);
        facts.push(fact);
      }
      const commands = [{ command: new GivenEvents({ userId }), cause: undefined, events: facts }];
      return { commands, ...repository.changes(), rowChanges: await projection.takeRemainingChanges() };
    },
    { projectors },
  );
}

async function aggregateOf(
  { aggregateId, class: eventClass }: BaseEvent,
  modules: readonly DomainModule[],
  repository: AggregateRepository,
): Promise<BaseAggregate> {
  const module = modules.find(({ events }) => Object.values(events).includes(eventClass));
  if (!module) throw new TypeError(`No aggregate of these modules has the event ${eventClass.type}.`);
  const known = await repository.findAggregate(module.aggregate, aggregateId);
  if (known) return known;
  const added = new module.aggregate(aggregateId);
  repository.addAggregate(added);
  return added;
}

/** Whoever types the events has no compiler. */
function refuseIfNoEvent(event: unknown): void {
  if (!(event instanceof BaseEvent))
    throw new TypeError("Give events, such as PostTitleChanged.of(postId, { title }).");
}
