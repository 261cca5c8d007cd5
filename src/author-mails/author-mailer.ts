import { Unavailable } from "#sequent";
import { MailNotSent, type MailParts } from "../mail/mail.ts";
import type { Questions } from "../projections/queries.ts";
import { renderTemplates } from "../web/rendering/mails.ts";
import { unsubscribeToken } from "../web/unsubscribe-token.ts";

/**
 * Each template of `views/mail/authors/`. Its values are a link and the link that ends such mails. Nothing that somebody typed is in
 * them, because they may have typed the address of a stranger.
 */
export type AuthorMailTemplate = "welcome" | "post-published" | "post-changed";

interface AuthorMailerParts extends MailParts {
  readonly queries: Questions;
}

/** Sends mails to authors who want them. */
export class AuthorMailer {
  readonly #parts: AuthorMailerParts;

  constructor(parts: AuthorMailerParts) {
    this.#parts = parts;
  }

  /** A mail with a link to this path. The id is that of the delivery. Throws `Unavailable`, or `MailNotSent` if the mail was refused. */
  async send(name: AuthorMailTemplate, authorId: string, path: string, id: string): Promise<void> {
    const { mailer, queries, origin, secret } = this.#parts;
    const author = await queries.ask({ type: "AuthorById", authorId });
    if (!author || author.erased_at || author.mails === "off") return;
    const unsubscribe = `${origin}/unsubscribe/${unsubscribeToken(authorId, secret)}`;
    const mail = await renderTemplates(`authors/${name}`, author.email, { link: origin + path, unsubscribe });
    await mailer.send({ ...mail, id, unsubscribe }).catch((error) => {
      if (!(error instanceof MailNotSent) || error.isRefused) throw error;
      throw new Unavailable("The mail server does not take the mail now.", { cause: error });
    });
  }
}
