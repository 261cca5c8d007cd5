import type { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import type { AggregateClass, BaseAggregate } from "../aggregates/aggregate-root.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import type { Handler } from "../messages/message-handler.ts";

export type CommandHandlerClass = new (repository: AggregateRepository) => CommandHandler;

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
   * Loads the aggregate of a command and calls `work` with it. If the command has a `seenVersion` and the aggregate another
   * version, this is a `VersionConflict`. But if `work` takes `seen`, the aggregate as it was at the `seenVersion`, it is up
   * to `work` to `merge` both. Without a `seenVersion`, `seen` is the aggregate as it is now.
   */
  protected async doWithAggregate<A extends BaseAggregate>(
    command: BaseCommand,
    aggregateClass: AggregateClass<A>,
    work: (aggregate: A, seen: A) => unknown,
  ): Promise<void> {
    const { aggregateId, seenVersion } = command;
    const merges = work.length > 1;
    if (merges) this.repository.expectSeenVersion(aggregateId, undefined);
    const aggregate = await this.repository.loadAggregate(aggregateClass, aggregateId);
    aggregate.refuseIfClosed();
    await work(
      aggregate,
      merges ? await this.repository.loadAsSeen(aggregateClass, aggregate, seenVersion) : aggregate,
    );
  }
}
