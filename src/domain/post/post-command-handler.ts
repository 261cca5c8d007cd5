import { CommandHandler, on } from "#sequent";
import { AddPost, CancelSchedule, EditPost, PublishPost, SchedulePost } from "./commands.ts";
import { Post } from "./post.ts";

export class PostCommandHandler extends CommandHandler {
  readonly handlers = [
    on(AddPost, (command) => this.repository.addAggregate(Post.add(command))),
    on(EditPost, (command) => this.doWithAggregate(command, Post, (post, seen) => post.edit(command, seen))),
    on(PublishPost, (command) => this.doWithAggregate(command, Post, (post) => post.publish(command))),
    on(SchedulePost, (command) => this.doWithAggregate(command, Post, (post) => post.schedule(command))),
    on(CancelSchedule, (command) =>
      this.doWithAggregate(command, Post, (post) => post.cancelSchedule(command)),
    ),
  ];
}
