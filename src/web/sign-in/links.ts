import { createHmac } from "node:crypto";
import type { Request } from "express";
import type { Mailer } from "../../mail/mail.ts";
import { LinkNotValid } from "../errors/http-errors.ts";
import { fieldOf } from "../forms/hidden-fields.ts";
import { originOf } from "../pages/pages.ts";
import { renderMail } from "../rendering/mails.ts";
import type { AskedLinks } from "./asked-links.ts";
import type { MailLimits } from "./mail-limits.ts";
import { browserOf, responseTo, type Sessions } from "./sessions.ts";
import type { FoundLink, SignInStore } from "./store.ts";
import { hashOf, isLinkToken, isToken, newLinkToken, newToken } from "./tokens.ts";

const minutes = 15;

interface LinksParts {
  readonly store: SignInStore;
  readonly sessions: Sessions;
  readonly mailer: Mailer;
  readonly limits: MailLimits;
  readonly asked: AskedLinks;
  readonly secret: string;
  readonly publicUrl: string | undefined;
  readonly signUpPath: string;
}

/** Somebody who has used a link. */
interface Arrival {
  readonly account_id: string;
  readonly name: string;
  readonly email: string;
  readonly is_confirmed: boolean;
  readonly return_to?: string | null;
}

/** Mails links, and signs in whoever uses one. */
export class Links {
  readonly #parts: LinksParts;

  constructor(parts: LinksParts) {
    this.#parts = parts;
  }

  /**
   * For somebody who has typed their address. An unknown address costs the same work and gets a mail, too, so nobody finds out who has
   * an account. After too many mails it does nothing, and the answer is the same.
   */
  async ask(req: Request<unknown>, email: string, returnTo: string | undefined): Promise<void> {
    const { store, limits, asked, mailer, signUpPath } = this.#parts;
    if (!(await limits.allow(email))) return;
    const token = newLinkToken();
    const to = await store.addLinkByAddress({ tokenHash: hashOf(token), email, returnTo });
    asked.note(req, responseTo(req), token);
    const mail =
      to === undefined
        ? renderMail("no-account", email, { link: this.#absolute(req, signUpPath) })
        : renderMail("sign-in", to, { link: this.#absolute(req, `/sign-in/${token}`), minutes });
    await mailer.send(await mail);
  }

  /** To the address of an account, to confirm it. It signs in as well. */
  async mailConfirmation(req: Request<unknown>, accountId: string, email: string): Promise<void> {
    const { store, limits, asked, mailer } = this.#parts;
    await limits.require(email);
    const token = newLinkToken();
    const to = await store.addLink({ tokenHash: hashOf(token), accountId });
    if (to === undefined) return;
    asked.note(req, responseTo(req), token);
    const link = this.#absolute(req, `/sign-in/${token}`);
    await mailer.send(await renderMail("confirm-address", to, { link, minutes }));
  }

  /** To a new address of an account. */
  async mailNewAddress(req: Request<unknown>, accountId: string, newEmail: string): Promise<void> {
    const { store, limits, mailer } = this.#parts;
    await limits.require(newEmail);
    const token = newLinkToken();
    const to = await store.addLink({ tokenHash: hashOf(token), accountId, newEmail });
    if (to === undefined) return;
    const link = this.#absolute(req, `/account/email/${token}`);
    await mailer.send(await renderMail("confirm-new-address", to, { link, minutes }));
  }

  /** Changes nothing. Throws `LinkNotValid`. */
  async find(token: string): Promise<FoundLink> {
    const link = isLinkToken(token) ? await this.#parts.store.findLink(hashOf(token)) : undefined;
    if (!link || link.has_expired) throw new LinkNotValid({ hasExpired: link?.has_expired ?? false });
    return link;
  }

  /** Uses a link: it works once. Throws `LinkNotValid`. */
  async use(req: Request<unknown>, token: string): Promise<Arrival> {
    const { store, sessions } = this.#parts;
    if (!isLinkToken(token)) throw new LinkNotValid({ hasExpired: false });
    const sessionToken = this.#sessionTokenFor(req, token);
    const sessionHash = hashOf(sessionToken);
    const taking = {
      tokenHash: hashOf(token),
      sessionHash,
      browser: browserOf(req),
      replaced: sessions.hashIn(req),
    };
    const arrival = (await store.takeLink(taking)) ?? (await store.findSession(sessionHash));
    if (!arrival) {
      await this.find(token);
      throw new LinkNotValid({ hasExpired: false });
    }
    sessions.give(responseTo(req), sessionToken);
    return arrival;
  }

  /**
   * If a button is pressed twice, the browser gets the answer to the second press. By then the link has been used. So the second press
   * of one page leads to the session of the first one. Both the link and this page are needed for that.
   */
  #sessionTokenFor(req: Request<unknown>, token: string): string {
    const attempt = fieldOf(req, "attempt");
    if (!isToken(attempt)) return newToken();
    return createHmac("sha256", this.#parts.secret).update(`session ${token} ${attempt}`).digest("base64url");
  }

  #absolute(req: Request<unknown>, path: string): string {
    return originOf(req, this.#parts.publicUrl) + path;
  }
}
