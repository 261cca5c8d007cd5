import { CommandHandler, on } from "#sequent";
import { AddPost, EditPost, PublishPost } from "./commands.ts";
import { Post } from "./post.ts";

export class PostCommandHandler extends CommandHandler {
  readonly handlers = [
    on(AddPost, (command) => this.repository.addAggregate(Post.add(command))),
    on(EditPost, (command) => this.doWithAggregate(command, Post, (post, seen) => post.edit(command, seen))),
    on(PublishPost, (command) => this.doWithAggregate(command, Post, (post) => post.publish(command))),
  ];
}
