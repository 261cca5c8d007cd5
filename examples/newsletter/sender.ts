import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import type { Logger } from "pino";
import type { Mailer } from "./mailer.ts";
import { type DueMail, type MailParts, mailOf } from "./mails.ts";
import { reasonOf } from "./reason.ts";

interface SenderParts extends MailParts {
  readonly database: Knex;
  readonly mailer: Mailer;
  readonly log: Logger;
  readonly pollMs?: number;
}

const [shortestMs, longestMs] = [1_000, 30_000];

/** A mail that the server does not want now is tried again after 1, 2, 4 … minutes: the last time after more than five days. */
const mostAttempts = 13;

/** Sends what is in the outbox, one mail after the other. Several processes may do this: each row is locked while it is sent. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #stopping = new AbortController();
  #stopped: Promise<void> = Promise.resolve();

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopped = this.#run();
  }

  /** Ends when the mail that it sends at present is sent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopped;
  }

  async #run(): Promise<void> {
    const { log, pollMs = 500 } = this.#parts;
    const { signal } = this.#stopping;
    let pauseMs = 0;
    while (!signal.aborted) {
      try {
        pauseMs = (await this.#sendNext()) ? 0 : pollMs;
      } catch (error) {
        pauseMs = Math.min(longestMs, Math.max(shortestMs, 2 * pauseMs));
        log.warn({ reason: withoutAddress(error), againInMs: pauseMs }, "mails wait");
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {}); // it is stopped
    }
  }

  /** False if nothing is due. Throws if the mail server or the database is away. */
  async #sendNext(): Promise<boolean> {
    const { sent, away } = await this.#parts.database.transaction((trx) => this.#sendDue(trx));
    if (away) throw away;
    return sent;
  }

  async #sendDue(trx: Knex.Transaction): Promise<{ sent: boolean; away?: unknown }> {
    const { mailer, log } = this.#parts;
    const { rows } = await trx.raw<{ rows: DueMail[] }>(takeDue);
    const [due] = rows;
    if (!due) return { sent: false };
    const row = trx("outbox").where({ id: due.id });
    try {
      await mailer.send(mailOf(due, this.#parts));
    } catch (error) {
      if (isAboutThisMail(error)) {
        await this.#putOff(trx, due, error);
        return { sent: true };
      }
      await row.update({ due_at: trx.fn.now() }); // others are tried before it, so that none can hold up the rest
      return { sent: false, away: error };
    }
    await row.delete();
    log.info({ mail: due.id, reader: due.reader_id }, "mail sent");
    return { sent: true };
  }

  async #putOff(
    trx: Knex.Transaction,
    { id, attempts, reader_id }: DueMail,
    error: SmtpError,
  ): Promise<void> {
    const { log } = this.#parts;
    const fields = { mail: id, reader: reader_id, attempts: attempts + 1, reason: withoutAddress(error) };
    const isRefused = (error.responseCode ?? 0) >= 500;
    if (isRefused || attempts + 1 >= mostAttempts) {
      await trx("outbox").where({ id }).delete();
      log.error(fields, "mail given up: the server does not take it");
      return;
    }
    const dueAt = trx.raw("now() + make_interval(mins => ?)", [2 ** attempts]);
    await trx("outbox")
      .where({ id })
      .update({ attempts: attempts + 1, due_at: dueAt });
    log.warn(fields, "mail put off: the server does not take it now");
  }
}

/** "skip locked", because another process sends that one. */
const takeDue = `
select outbox.id, outbox.attempts, outbox.reader_id, readers.email, readers.confirmed_at, outbox.post_id, posts.title, posts.excerpt
  from outbox
  join readers on readers.id = outbox.reader_id
  left join posts on posts.id = outbox.post_id
 where outbox.due_at <= now()
 order by outbox.due_at
 limit 1
   for update of outbox skip locked`;

interface SmtpError extends Error {
  readonly command?: string;
  /** The number that the server answered. */
  readonly responseCode?: number;
}

/** True if the server answered to the address or to the text. Otherwise it is away, or takes no mail from us at all. */
function isAboutThisMail(error: unknown): error is SmtpError {
  const { command = "", responseCode } = error as SmtpError;
  return responseCode !== undefined && /^(RCPT TO|DATA)$/.test(command);
}

/** Servers like to repeat the address. The log has no addresses. */
function withoutAddress(error: unknown): string {
  return reasonOf(error).replaceAll(/\S+@\S+/g, "[address]");
}
