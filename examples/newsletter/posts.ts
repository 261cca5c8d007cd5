import type { Knex } from "knex";
import type { CloudEvent, Handler } from "#sequent/consumer";

/** What the newsletter does with the events of the blog. Each runs in the transaction in which the consumer notes its place. */
export const handlers: Readonly<Record<string, Handler>> = {
  PostTitleChanged: (event, trx) => keep(trx, event.subject, { title: textOf(event, "title") }),

  PostContentChanged: (event, trx) =>
    keep(trx, event.subject, { excerpt: excerptOf(textOf(event, "content")) }),

  PostPublished: ({ id, subject, time }, trx) => trx.raw(writeToReaders, { id, subject, time }),
};

async function keep(trx: Knex.Transaction, id: string, columns: object): Promise<void> {
  await trx("posts")
    .insert({ id, ...columns })
    .onConflict("id")
    .merge(columns);
}

/** Who confirms later does not get it. "key share", so that nobody can unsubscribe until their row is there to be deleted. */
const writeToReaders = `
insert into outbox (id, reader_id, post_id)
select :id::text || ':' || readers.id, readers.id, :subject
  from readers
 where readers.confirmed_at <= :time
   for key share`;

/** Empty if the event was too large for the broker and came without data. */
function textOf({ data }: CloudEvent, name: string): string {
  const value = data?.[name];
  return typeof value === "string" ? value : "";
}

/** The first paragraph, or the beginning of it. */
function excerptOf(content: string): string {
  const [paragraph = ""] = content.trim().split(/\n\s*\n/);
  const characters = [...paragraph];
  return characters.length > 400 ? `${characters.slice(0, 400).join("").trimEnd()} …` : paragraph;
}
