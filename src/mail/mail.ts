/** A mail to one person. */
export interface Mail {
  /** One address, which has passed the rules of `email()`. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Sends mails, or throws `MailNotSent`. It never waits for long. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** A mail could not be sent. The cause says why, without the address, so it may be logged. Answer with 503: trying again may help. */
export class MailNotSent extends Error {
  constructor(options?: ErrorOptions) {
    super("The mail could not be sent.", options);
  }
}

/** Where mails go while you develop. */
export interface Mailbox {
  /** The newest first. */
  mails(): Promise<readonly MailInMailbox[]>;
}

export interface MailInMailbox extends Omit<Mail, "html"> {
  readonly sentAt: Date;
}
