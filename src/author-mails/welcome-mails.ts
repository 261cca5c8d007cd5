import { on, Subscription } from "#sequent";
import { AuthorAdded } from "../domain/author/events.ts";
import type { AuthorMailer } from "./author-mailer.ts";

/** Welcomes new authors. */
export class WelcomeMails extends Subscription("WelcomeMails", { from: "now", concurrency: 1 }) {
  readonly #mailer: Pick<AuthorMailer, "send">;

  constructor(mailer: Pick<AuthorMailer, "send">) {
    super();
    this.#mailer = mailer;
  }

  readonly handlers = [
    on(AuthorAdded, ({ aggregateId }, { id }) =>
      this.#mailer.send("welcome", aggregateId, `/authors/${aggregateId}#new-post`, id),
    ),
  ];
}
