import type { AggregateRepository } from "./aggregate-repository.ts";
import type { Handler } from "./message-handler.ts";

export type CommandHandlerClass = new (repository: AggregateRepository) => CommandHandler;

/**
 * Takes commands to their aggregates:
 *
 *     readonly handlers = [
 *       on(PublishPost, async ({ aggregateId, publicationDate }) => {
 *         const post = await this.repository.loadAggregate(Post, aggregateId);
 *         post.publish(publicationDate);
 *       }),
 *     ];
 */
export abstract class CommandHandler {
  abstract readonly handlers: readonly Handler[];
  protected readonly repository: AggregateRepository;

  constructor(repository: AggregateRepository) {
    this.repository = repository;
  }
}
