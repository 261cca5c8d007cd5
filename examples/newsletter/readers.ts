import { randomUUID } from "node:crypto";
import type { Knex } from "knex";

/** So many sign-ups of an hour are enough: a program that signs up strangers must not make us flood them. */
const mostInAnHour = 500;

export class TooManySignUps extends Error {}

/** Who gets the newsletter, and who has asked for it. */
export class Readers {
  readonly #database: Knex;

  constructor(database: Knex) {
    this.#database = database;
  }

  /**
   * Notes an address, and writes to it, at most once in an hour. Whoever has confirmed already gets a mail, too, so the page need not
   * say who is a reader.
   */
  async signUp(email: string): Promise<void> {
    await this.#database.transaction(async (trx) => {
      await trx.raw(forgetUnconfirmed);
      const { rows: recent } = await trx.raw(countRecent);
      if (recent[0].count >= mostInAnHour) throw new TooManySignUps();
      const { rows } = await trx.raw(ask, { id: randomUUID(), email });
      for (const { id } of rows) await trx("outbox").insert({ id: randomUUID(), reader_id: id });
    });
  }

  /** False if we do not know the reader any more. */
  async confirm(id: string): Promise<boolean> {
    await this.#database.raw(forgetUnconfirmed);
    const { rowCount } = await this.#database.raw(
      "update readers set confirmed_at = coalesce(confirmed_at, now()) where id = ?",
      [id],
    );
    return rowCount === 1;
  }

  /** Deletes all that we know of the reader, and the mails that wait. */
  async unsubscribe(id: string): Promise<void> {
    await this.#database("readers").where({ id }).delete();
  }
}

const forgetUnconfirmed = `
delete from readers
 where confirmed_at is null
   and asked_at < now() - interval '7 days'`;

const countRecent = `
select count(*)::integer as count
  from readers
 where asked_at > now() - interval '1 hour'`;

const ask = `
insert into readers (id, email)
values (:id, :email)
    on conflict (lower(email)) do update
   set asked_at = now()
 where readers.asked_at < now() - interval '1 hour'
returning id`;
