import type { Database } from "../database/database.ts";
import { DevelopmentMailbox } from "../mail/development-mailbox.ts";
import { type Mailbox, type Mailer, MailNotSent, type MailParts } from "../mail/mail.ts";
import { SmtpMailer } from "../mail/smtp-mailer.ts";
import type { Settings } from "../settings.ts";
import type { Logger } from "../web/logging/log.ts";
import { keptSessionSecret } from "./session-secret.ts";

interface Mailing {
  readonly mailer: Mailer;
  /** Where mails land if they are not sent. */
  readonly mailbox: Mailbox | undefined;
}

/** How mails are sent with these settings: with the mail server or, while you develop without one, into a mailbox. */
export function mailing(settings: Settings, { write }: Pick<Database, "write">, log: Logger): Mailing {
  const { smtpServer, mailFrom, production, publicUrl, port } = settings;
  if (smtpServer && mailFrom)
    return { mailer: watched(new SmtpMailer(smtpServer, mailFrom), log), mailbox: undefined };
  if (production) return { mailer: watched(noMailServer, log), mailbox: undefined };
  const page = `${publicUrl ?? `http://localhost:${port}`}/dev/mailbox`;
  const mailbox = new DevelopmentMailbox(write, () => log.info(`A mail is in the mailbox: ${page}`));
  return { mailer: mailbox, mailbox };
}

/** For mails because of events, which have links. */
export async function mailParts(
  settings: Settings,
  database: Pick<Database, "write">,
  log: Logger,
): Promise<MailParts> {
  const { publicUrl, port, sessionSecret, dataDirectory } = settings;
  return {
    mailer: mailing(settings, database, log).mailer,
    origin: publicUrl ?? `http://localhost:${port}`,
    secret: sessionSecret ?? (await keptSessionSecret(dataDirectory)),
  };
}

/** The reason is in the log, whoever catches the error: some pages go on without the mail. */
function watched(mailer: Mailer, log: Logger): Mailer {
  return {
    async send(mail) {
      await mailer.send(mail).catch((error) => {
        log.error({ err: error }, "mail not sent");
        throw error;
      });
    },
  };
}

/** Production starts without a mail server only if nobody can sign in. */
const noMailServer: Mailer = {
  async send() {
    throw new MailNotSent({ cause: new Error("SMTP_URL is not set") });
  },
};
