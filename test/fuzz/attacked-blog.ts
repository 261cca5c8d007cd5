import type { BaseCommand } from "#sequent";
import { byProgram } from "../../src/bin/by-program.ts";
import type { Blog } from "../../src/blog.ts";
import type { Database } from "../../src/database/database.ts";
import { hashOf } from "../../src/web/sign-in/tokens.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { beginSession } from "../support/sessions.ts";
import { attackerId, attackersPostId, authorId, postId, publishedId } from "./hostile-requests.ts";

/** What only the author may see. No request has it, so no answer may have it. */
const secrets = ["vera.secret@example.net", "A draft that nobody has seen"] as const;

export function isLeaking(text: string): boolean {
  return secrets.some((secret) => text.includes(secret));
}

/** A blog with an author, and with somebody who is signed in and wants to be that author. */
export async function attackedBlog({ blog, database }: { readonly blog: Blog; readonly database: Database }) {
  const asTest = byProgram("test");
  const run = async (command: BaseCommand) => {
    await asTest(command, undefined);
    await blog.commandService.executeCommands(command);
  };
  const [email, content] = secrets;
  await run(author({ aggregateId: authorId, name: "Vera", email }));
  await run(draftBy(authorId, { aggregateId: postId, content }));
  await run(draftBy(authorId, { aggregateId: publishedId, title: "On rain", content: "It falls." }));
  await run(publication(publishedId));
  await run(author({ aggregateId: attackerId, name: "Mallory", email: "mallory@example.com" }));
  await run(draftBy(attackerId, { aggregateId: attackersPostId, title: "On keys", content: "They turn." }));
  await beginSession(database, authorId);

  const read = async () => {
    const { rows } = await database.read.raw(belongings, { authorId });
    return JSON.stringify(rows[0]);
  };
  const before = await read();
  const given: Buffer[] = [];

  return {
    /** Signs the attacker in. */
    async session(): Promise<string> {
      const token = await beginSession(database, attackerId);
      given.push(hashOf(token));
      return token;
    },

    /** Whoever has done something as somebody else, and whatever is not as it was. */
    async harm(): Promise<string[]> {
      const { rows } = await database.read.raw(impostors, { attackerId, given });
      const after = await read();
      const found = rows.map((row: object) => JSON.stringify(row));
      return after === before ? found : [...found, `was ${before}, is ${after}`];
    },

    async hasEnded(token: string): Promise<boolean> {
      return (await database.read("web_schema.sessions").where({ token_hash: hashOf(token) })).length === 0;
    },
  };
}

/** Everything of the author: the account, the posts, the sessions, and the links that would sign in. */
const belongings = `
select (select json_agg(author) from view_schema.author_records as author where aggregate_id = :authorId) as account,
       (select json_agg(post order by aggregate_id) from view_schema.post_records as post
         where author_aggregate_id = :authorId or aggregate_id in (select aggregate_id from sequent_schema.commands
                                                                    where payload ->> 'authorAggregateId' = :authorId)) as posts,
       (select json_agg(encode(token_hash, 'hex')) from web_schema.sessions where account_id = :authorId) as sessions,
       (select count(*) from web_schema.sign_in_links where account_id = :authorId) as links`;

/** Commands of somebody for what is not theirs, and sessions that nobody began. Whoever signs up may begin one for the new account. */
const impostors = `
select command.command_type as what, command.aggregate_id, command.user_id
  from sequent_schema.commands as command
  left join view_schema.post_records as post on post.aggregate_id = command.aggregate_id
 where command.command_type <> 'AddAuthor'
   and command.user_id is distinct from coalesce(post.author_aggregate_id, command.aggregate_id)::text
   and command.user_id is distinct from 'program:test'
union all
select 'session', account_id, null
  from web_schema.sessions
 where account_id = :attackerId and not token_hash = any (:given::bytea[])
union all
select 'session', account_id, null
  from web_schema.sessions as session
 where is_proven and account_id not in (select aggregate_id from sequent_schema.commands where user_id = 'program:test')`;
