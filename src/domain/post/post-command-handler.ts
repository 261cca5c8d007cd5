import { CommandHandler, on } from "../../framework/index.ts";
import { AddPost, EditPost, PublishPost } from "./commands.ts";
import { Post } from "./post.ts";

export class PostCommandHandler extends CommandHandler {
  readonly handlers = [
    on(AddPost, (command) => {
      this.repository.requireAggregate("Author", command.authorAggregateId);
      this.repository.addAggregate(Post.add(command));
    }),

    on(EditPost, async (command) => {
      const post = await this.repository.loadAggregate(Post, command.aggregateId);
      post.edit(command, await this.repository.loadAsSeen(post, command.seenVersion));
    }),

    on(PublishPost, async ({ aggregateId, publicationDate }) => {
      const post = await this.repository.loadAggregate(Post, aggregateId);
      post.publish(publicationDate);
    }),
  ];
}
