import type { Request } from "express";
import { type Mailer, MailNotSent } from "../../mail/mail.ts";
import { TooManyRequests } from "../errors/http-errors.ts";
import type { RateLimitStore } from "../guards/rate-limit.ts";
import type { Commands } from "../logging/request-log.ts";
import { renderMail } from "../rendering/mails.ts";
import type { CookieSettings } from "../signed-cookie.ts";
import { signedIn, visitorOf } from "../visitor.ts";
import type { Accounts } from "./accounts.ts";
import { AskedLinks } from "./asked-links.ts";
import { KeptForms } from "./kept-forms.ts";
import { Links } from "./links.ts";
import { MailLimits } from "./mail-limits.ts";
import { Sessions } from "./sessions.ts";
import type { SignInStore } from "./store.ts";
import { hashOf, isLinkToken } from "./tokens.ts";

/** What sign-in needs. The program that starts the pages passes it. */
export interface SignInOptions {
  readonly accounts: Accounts;
  readonly store: SignInStore;
  readonly mailer: Mailer;
}

interface SignInParts extends SignInOptions, CookieSettings {
  readonly commandService: Commands;
  readonly rateLimits: RateLimitStore | undefined;
}

interface NewAccount {
  readonly id: string;
  readonly email: string;
  /** The command that made it. */
  readonly commandId: string;
}

/** The parts of sign-in, and what the pages of accounts need of them. */
export class SignIn {
  readonly accounts: Accounts;
  readonly store: SignInStore;
  /** Signs cookies and links. */
  readonly secret: string;
  readonly sessions: Sessions;
  readonly asked: AskedLinks;
  readonly links: Links;
  readonly keptForms: KeptForms;
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    const { accounts, store, mailer, rateLimits, secret, publicUrl } = parts;
    this.#parts = parts;
    this.accounts = accounts;
    this.store = store;
    this.secret = secret;
    this.sessions = new Sessions(store, { publicUrl });
    this.asked = new AskedLinks({ secret, publicUrl });
    this.keptForms = new KeptForms(store, { secret, publicUrl });
    this.links = new Links({
      store,
      sessions: this.sessions,
      mailer,
      limits: new MailLimits({ store: rateLimits, secret }),
      asked: this.asked,
      secret,
      publicUrl,
      signUpPath: accounts.signUpPath,
    });
  }

  /**
   * Signs in somebody who has just made an account with this command, and mails a link that confirms the address. Returns false if the
   * mail could not be sent: they can ask for another one. If the command was sent again later, nobody is signed in.
   */
  async signUp(req: Request<unknown>, { id, email, commandId }: NewAccount): Promise<boolean> {
    if (!(await this.sessions.begin(req, id, commandId))) return true;
    return this.#isSent(this.links.mailConfirmation(req, id, email));
  }

  /** Mails the visitor another link that confirms the address. Throws `MailNotSent` or `TooManyRequests`. */
  async sendConfirmation(req: Request<unknown>): Promise<void> {
    const { id, email } = signedIn(req);
    await this.links.mailConfirmation(req, id, email);
  }

  /** Mails a link to a new address of the visitor, which counts only when the link was used. Throws as above. */
  async changeAddress(req: Request<unknown>, newEmail: string): Promise<void> {
    await this.links.mailNewAddress(req, signedIn(req).id, newEmail);
  }

  /** The new address that this link confirms. Undefined if it is no link for the visitor. Changes nothing. */
  async newAddress(req: Request<unknown>, token: string): Promise<string | undefined> {
    if (!isLinkToken(token)) return undefined;
    return this.store.findNewAddress(hashOf(token), signedIn(req).id);
  }

  /**
   * Confirms the new address with this link: executes `confirm` of the accounts, ends all other sessions and all links of the account,
   * and tells the old address. Returns false if it is no link for the visitor. Throws the errors of the command, such as
   * `AggregateKeyNotUnique`; then the link can be used again.
   */
  async confirmNewAddress(req: Request<unknown>, token: string): Promise<boolean> {
    const { id, email: oldEmail, sessionId } = signedIn(req);
    const email = await this.newAddress(req, token);
    if (email === undefined) return false;
    await this.confirm({ id, email });
    await this.store.endLinks(id);
    await this.store.endSessions(id, { except: sessionId });
    await this.#isSent(this.#mail("address-changed", oldEmail));
    return true;
  }

  /** Executes the command for an address that belongs to the account. */
  async confirm(account: { readonly id: string; readonly email: string }): Promise<void> {
    const command = this.accounts.confirm?.(account);
    if (command) await this.#parts.commandService.executeCommands(command);
  }

  /** Ends all sessions and links of an account. */
  async endSessions(accountId: string): Promise<void> {
    await this.store.endLinks(accountId);
    await this.store.endSessions(accountId);
  }

  /** For an account that was erased: signs out everywhere and says goodbye by mail. Returns false if that could not be sent. */
  async endAccount(req: Request<unknown>, { id, email }: { id: string; email: string }): Promise<boolean> {
    await this.endSessions(id);
    if (visitorOf(req)?.id === id) await this.signOut(req);
    return this.#isSent(this.#mail("account-erased", email));
  }

  /** Ends the session of this browser. Whoever uses it next does not see the forms that were kept in it. */
  async signOut(req: Request<unknown>): Promise<void> {
    await this.sessions.end(req);
    this.keptForms.forgetKey(req);
  }

  async #mail(name: "address-changed" | "account-erased", to: string): Promise<void> {
    await this.#parts.mailer.send(await renderMail(name, to, {}));
  }

  /** True if the mail was sent. The mailer logs why not. */
  async #isSent(mail: Promise<void>): Promise<boolean> {
    try {
      await mail;
      return true;
    } catch (error) {
      if (!(error instanceof MailNotSent || error instanceof TooManyRequests)) throw error;
      return false;
    }
  }
}
