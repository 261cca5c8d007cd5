import type { Knex } from "knex";
import type { CloudEvent, ConsumerOptions } from "#sequent/consumer";
import { excerptOf, headlineOptions, type Segment } from "./excerpt.ts";
import { cleaned, plainText } from "./plain-text.ts";

export interface Found {
  /** Of all pages. */
  readonly count: number;
  readonly hits: readonly Hit[];
  /** The cursor of the next page. */
  readonly next?: string;
}

interface Hit {
  readonly id: string;
  readonly title: string;
  readonly publishedOn: string;
  /** Text, not HTML. What was found is marked by its place. */
  readonly excerpt: readonly Segment[];
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly published_on: string;
  readonly rank: number;
  readonly headline: string;
  /** The beginning and the end of the content. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

const language = "english";
const hitsOnAPage = 20;

/** The posts of the blog, made from its events, with an index of the words of those that are published. */
export class SearchIndex {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Makes the table, if it is not there yet. If two processes start at once, the second one waits. */
  async prepare(): Promise<void> {
    await this.#knex.transaction(async (trx) => {
      await trx.raw("select pg_advisory_xact_lock(hashtext('search'))");
      await trx.raw(tables);
    });
  }

  readonly handlers: ConsumerOptions["handlers"] = {
    PostTitleChanged: ({ subject, data }, trx) =>
      this.#change(trx, subject, { title: cleaned(textOf(data?.["title"])) }),

    PostContentChanged: ({ subject, data }, trx) =>
      this.#change(trx, subject, { content: plainText(textOf(data?.["content"])) }),

    PostPublished: ({ subject, data }, trx) =>
      this.#change(trx, subject, { published_on: textOf(data?.["publicationDate"]) }),
  };

  /** The published posts that have these words, the best first. A cursor that we did not make gives the first page. */
  async find(words: string, after?: string): Promise<Found> {
    const values = [words.replaceAll("\0", " "), ...placeOf(after), hitsOnAPage + 1];
    const { rows } = await this.#knex.raw<{ rows: Row[] }>(search, values);
    const page = rows.slice(0, hitsOnAPage);
    const last = page.at(-1);
    return {
      count: rows[0]?.count ?? 0,
      hits: page.map(hitOf),
      ...(last && rows.length > hitsOnAPage && { next: cursorOf(last) }),
    };
  }

  #change(trx: Knex.Transaction, id: CloudEvent["subject"], change: object): PromiseLike<unknown> {
    return trx("posts")
      .insert({ id, ...change })
      .onConflict("id")
      .merge();
  }
}

/** A draft has no words in the index, so no search finds it. */
const tables = `
create table if not exists posts (
  id uuid primary key,
  title text not null default '',
  content text not null default '',
  published_on date,
  document tsvector generated always as (
    case when published_on is not null then
      setweight(to_tsvector('${language}', title), 'A') || setweight(to_tsvector('${language}', content), 'B')
    end
  ) stored
);
create index if not exists posts_document on posts using gin (document)`;

/** The headline is made for the hits of one page only: it has to read their whole texts. */
const search = `
with query as (select websearch_to_tsquery('${language}', ?) as words),
     found as (select id, ts_rank(document, words) as rank from posts, query where document @@ words),
     page as (
       select id, rank from found where (rank, id) < (?::real, ?::uuid) order by rank desc, id desc limit ?
     )
select id, title, published_on::text, rank, (select count(*)::integer from found) as count,
       left(content, 30) as first, right(content, 30) as last,
       ts_headline('${language}', content, words, '${headlineOptions}') as headline
  from page join posts using (id), query
 order by rank desc, id desc`;

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function hitOf({ id, title, published_on, headline, ...ends }: Row): Hit {
  return { id, title, publishedOn: published_on, excerpt: excerptOf(headline, ends) };
}

const firstPlace = ["infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"] as const;

function cursorOf({ rank, id }: Row): string {
  return `${rank}_${id}`;
}

function placeOf(cursor = ""): readonly [string, string] {
  const [, rank, id] =
    /^(\d(?:\.\d{1,20})?(?:e-[12]?\d)?)_([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/.exec(cursor) ?? [];
  return rank === undefined || id === undefined ? firstPlace : [rank, id];
}
