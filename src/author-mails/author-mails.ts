import type { Knex } from "knex";
import { type Subscription, Unavailable } from "#sequent";
import { EventTypes, PostgresEventStore } from "#sequent/operations";
import type { MailParts } from "../mail/mail.ts";
import type { Questions } from "../projections/queries.ts";
import { AuthorMailer } from "./author-mailer.ts";
import { PostMails } from "./post-mails.ts";
import { WelcomeMails } from "./welcome-mails.ts";

interface AuthorMailsParts {
  readonly write: Knex;
  readonly background?: Knex;
  readonly queries: Questions;
  readonly mailing?: MailParts | undefined;
}

/** The subscriptions that send mails to authors. */
export function authorMailsOf({ write, background = write, queries, mailing = none }: AuthorMailsParts) {
  const mailer = new AuthorMailer({ ...mailing, queries });
  const commands = new PostgresEventStore(background, new EventTypes([]));
  return [
    new WelcomeMails(mailer),
    new PostMails({ mailer, queries, commands }),
  ] satisfies readonly Subscription[];
}

/** For a program that only looks at them. */
const none: MailParts = {
  mailer: {
    async send() {
      throw new Unavailable("This program sends no mails.");
    },
  },
  origin: "",
  secret: "",
};
