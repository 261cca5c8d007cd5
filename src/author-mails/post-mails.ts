import { on, Subscription } from "#sequent";
import { type EventStore, userOfProgram } from "#sequent/operations";
import { PostContentChanged, PostPublished, PostTitleChanged } from "../domain/post/events.ts";
import type { Questions } from "../projections/queries.ts";
import type { AuthorMailer } from "./author-mailer.ts";

interface PostMailsParts {
  readonly mailer: Pick<AuthorMailer, "send">;
  readonly queries: Questions;
  readonly commands: Pick<EventStore, "findCommands">;
}

const readerId = userOfProgram("mails");

/** Tells authors that somebody else has published or changed a post of theirs: a schedule, a program or a workflow. */
export class PostMails extends Subscription("PostMails", { from: "now", concurrency: 1 }) {
  readonly #parts: PostMailsParts;

  constructor(parts: PostMailsParts) {
    super();
    this.#parts = parts;
  }

  readonly handlers = [
    on([PostTitleChanged, PostContentChanged, PostPublished], async (event, { id, commandId, userId }) => {
      const { mailer, queries, commands } = this.#parts;
      const { aggregateId: postId, sequenceNumber } = event;
      const post = await queries.ask({ type: "PostById", postId, readerId });
      const authorId = post?.author_aggregate_id;
      if (!authorId || userId === undefined || userId === authorId) return;
      const [command] = await commands.findCommands([commandId]);
      if (command?.version !== sequenceNumber) return; // the last event of a command speaks for all of them
      const name = event instanceof PostPublished ? "post-published" : "post-changed";
      await mailer.send(name, authorId, `/posts/${postId}`, id);
    }),
  ];
}
