import type { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import type { AggregateClass, BaseAggregate } from "../aggregates/aggregate-root.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import type { Handler } from "../messages/message-handler.ts";

export type CommandHandlerClass = new (repository: AggregateRepository) => CommandHandler;

/** A command may say which version of the aggregate the user saw. */
type Seeing = BaseCommand & { readonly seenVersion?: number | undefined };

/**
 * Takes commands to their aggregates:
 *
 *     readonly handlers = [
 *       on(AddPost, (command) => this.repository.addAggregate(Post.add(command))),
 *       on(PublishPost, (command) => this.doWithAggregate(command, Post, (post) => post.publish(command.publicationDate))),
 *     ];
 */
export abstract class CommandHandler {
  /** A handler that returns something else has forgotten to add it or to await it. */
  abstract readonly handlers: readonly Handler<void | Promise<void>>[];
  protected readonly repository: AggregateRepository;

  constructor(repository: AggregateRepository) {
    this.repository = repository;
  }

  /**
   * Loads the aggregate of a command and calls `work` with it. `seen` is the same aggregate as it was at the `seenVersion`
   * of the command, for `merge`. Without a `seenVersion`, it is the aggregate as it is now.
   */
  protected async doWithAggregate<A extends BaseAggregate>(
    command: Seeing,
    aggregateClass: AggregateClass<A>,
    work: (aggregate: A, seen: A) => unknown,
  ): Promise<void> {
    const aggregate = await this.repository.loadAggregate(aggregateClass, command.aggregateId);
    aggregate.refuseIfClosed();
    const { seenVersion } = command;
    const seen =
      seenVersion === undefined ? aggregate : await this.repository.loadAsSeen(aggregate, seenVersion);
    await work(aggregate, seen);
  }
}
