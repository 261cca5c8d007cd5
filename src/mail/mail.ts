/** A mail to one person. */
export interface Mail {
  /** One address, which has passed the rules of `email()`. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Whoever gets a mail twice can tell by this. By default, each mail is another one. */
  readonly id?: string;
  /** An address at which one click ends mails like this one. */
  readonly unsubscribe?: string;
}

/** Sends mails, or throws `MailNotSent`. It never waits for long. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** What a program needs to send mails because of events. */
export interface MailParts {
  readonly mailer: Mailer;
  /** The address of the pages, for links. */
  readonly origin: string;
  /** Signs links. */
  readonly secret: string;
}

/** A mail could not be sent. The cause says why, without the address, so it may be logged. Answer with 503: trying again may help. */
export class MailNotSent extends Error {
  /** True if the server refused this very mail, so trying again does not help. */
  readonly isRefused: boolean;

  constructor({ isRefused = false, ...options }: ErrorOptions & { readonly isRefused?: boolean } = {}) {
    super("The mail could not be sent.", options);
    this.isRefused = isRefused;
  }
}

/** Where mails go while you develop. */
export interface Mailbox {
  /** The newest first. */
  mails(): Promise<readonly MailInMailbox[]>;
}

export interface MailInMailbox extends Pick<Mail, "to" | "subject" | "text"> {
  readonly sentAt: Date;
}
