import type { Knex } from "knex";
import { PostgresConnections } from "#sequent/operations";
import type { Mail, Mailbox, Mailer, MailInMailbox } from "./mail.ts";

/**
 * Keeps the newest 100 mails in a table, `migrations/004_mailbox.ts`, instead of sending them. So they survive a restart, and all
 * processes have the same ones.
 */
export class DevelopmentMailbox implements Mailer, Mailbox {
  readonly #database: PostgresConnections;
  readonly #onMail: () => void;

  constructor(write: Knex, onMail: () => void = () => {}) {
    this.#database = new PostgresConnections(write);
    this.#onMail = onMail;
  }

  async send({ to, subject, text }: Mail): Promise<void> {
    await this.#database.all(keep, [to, subject, text]);
    this.#onMail();
  }

  async mails(): Promise<MailInMailbox[]> {
    const rows = await this.#database.all<MailRow>(newest);
    return rows.map(({ recipient, sent_at, ...mail }) => ({ to: recipient, ...mail, sentAt: sent_at }));
  }
}

interface MailRow {
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly sent_at: Date;
}

/** The delete does not see the new mail, so it leaves 99 others. */
const keep = `
with added as (
  insert into web_schema.mailbox (recipient, subject, text) values ($1, $2, $3)
)
delete from web_schema.mailbox
 where id <= (select id from web_schema.mailbox order by id desc offset 99 limit 1)`;

const newest = `
select recipient, subject, text, sent_at
  from web_schema.mailbox
 order by id desc`;
