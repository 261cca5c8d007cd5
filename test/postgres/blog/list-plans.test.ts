import { expect, test } from "vitest";
import { newId } from "#sequent/operations";
import type { PageRequest } from "../../../src/projections/keyset.ts";
import { useBlog } from "../../support/database.ts";

const context = useBlog({ databasePool: 1 });
const author = newId();
const many = 20_000;
const limit = 20;

const lists = {
  Authors: (request: PageRequest) => context.blog.queries.ask({ type: "Authors", ...request }),
  PublishedPosts: (request: PageRequest) => context.blog.queries.ask({ type: "PublishedPosts", ...request }),
  PostsByAuthor: (request: PageRequest) => postsByAuthor(undefined, request),
  OwnPosts: (request: PageRequest) => postsByAuthor(author, request),
};

function postsByAuthor(readerId: string | undefined, request: PageRequest) {
  return context.blog.queries.ask({ type: "PostsByAuthor", authorId: author, readerId, ...request });
}

test("each page of a list, the first and a later one, reads no more rows than it shows", async () => {
  await fill();
  const [authors, posts, ofAuthor, own] = await Promise.all([
    lists.Authors({ limit: many / 2 }),
    lists.PublishedPosts({ limit: many / 4 }),
    lists.PostsByAuthor({ limit: many / 4 }),
    lists.OwnPosts({ limit: many / 2 }),
  ]);
  const cursors = { Authors: authors, PublishedPosts: posts, PostsByAuthor: ofAuthor, OwnPosts: own };
  for (const mode of ["force_custom_plan", "force_generic_plan"]) {
    await context.database.read.raw(`set plan_cache_mode = ${mode}`);
    for (const [name, ask] of Object.entries(lists)) {
      const { next: after } = cursors[name as keyof typeof lists];
      expect(after).toBeDefined();
      for (const request of [{ limit }, { limit, after }]) {
        const before = await rowsRead();
        await ask(request);
        expect((await rowsRead()) - before, `${name}, ${mode}, ${after}`).toBeLessThanOrEqual(
          2 * (limit + 1),
        ); // a post and its author
      }
    }
  }
});

test("the posts that are due are found without reading those that are not", async () => {
  await fill();
  const { write, read } = context.database;
  await write.raw(`
    update view_schema.post_records
       set due_at = now() + (title::integer - 5) * interval '1 day', time_zone = 'UTC', scheduled_version = 5
     where published_at is null`);
  await write.raw("vacuum analyze view_schema.post_records");
  for (const mode of ["force_custom_plan", "force_generic_plan"]) {
    await read.raw(`set plan_cache_mode = ${mode}`);
    const before = await rowsRead();
    expect(await context.blog.queries.ask({ type: "DuePosts", limit })).toHaveLength(5);
    expect((await rowsRead()) - before, mode).toBeLessThanOrEqual(2 * limit);
  }
});

async function fill(): Promise<void> {
  const { write } = context.database;
  await write.raw(`
    insert into view_schema.author_records (aggregate_id, name, email, is_email_confirmed, published_posts, created_at)
    select case number when 1 then '${author}' else gen_random_uuid() end, md5(number::text), number, false, 0, now()
      from generate_series(1, ${many}) as number`);
  await write.raw(`
    insert into view_schema.post_records (
      aggregate_id, author_aggregate_id, title, content, published_at, version, created_at, updated_at
    )
    select gen_random_uuid(), '${author}', number, '',
           case when number > ${many / 2} then now() - number * interval '1 s' end, -- the newest are drafts
           1, now() - number * interval '1 s', now()
      from generate_series(1, ${many}) as number`);
  await write.raw("vacuum analyze view_schema.author_records");
  await write.raw("vacuum analyze view_schema.post_records");
}

/** Rows that were read from both tables, by an index or by a scan. */
async function rowsRead(): Promise<number> {
  await context.database.read.raw("select pg_stat_force_next_flush()");
  const { rows } = await context.database.read.raw(
    `select sum(seq_tup_read + idx_tup_fetch)::integer as read from pg_stat_user_tables
      where relname in ('author_records', 'post_records')`,
  );
  return rows[0].read;
}
