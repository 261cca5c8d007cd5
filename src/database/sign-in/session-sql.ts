import { type AccountsTable, accountsSql } from "./accounts-table.ts";

/** Thirty days without a request, or ninety in all. */
const isAlive = `
       session.seen_at > now() - interval '30 days'
   and session.created_at > now() - interval '90 days'`;

export function sessionSql(accounts: AccountsTable) {
  const account = accountsSql(accounts);
  return {
    find: `
select session.id, session.account_id, account.name, account.email, account.is_confirmed, session.created_at,
       session.created_at > now() - interval '15 minutes' as is_recent,
       session.seen_at < now() - interval '1 hour' as is_due
  from web_schema.sessions as session
  join ${account} as account on account.id = session.account_id
 where session.token_hash = $1 and ${isAlive}`,

    noteUse: `
update web_schema.sessions
   set seen_at = now()
 where token_hash = $1 and seen_at < now() - interval '1 hour'`,

    begin: `
with new as (
  insert into web_schema.sessions (token_hash, account_id, is_proven, browser)
  select $1, $2, $3, $4
   where $5::uuid is null
      or exists (select from sequent_schema.commands
                  where command_id = $5 and aggregate_id = $2 and stored_at > now() - interval '1 minute')
  returning id
), replaced as (
  delete from web_schema.sessions where token_hash = $6 and exists (select from new)
)
select id from new`,

    list: `
select id, browser, created_at, seen_at
  from web_schema.sessions as session
 where account_id = $1 and ${isAlive}
 order by seen_at desc, created_at desc, id`,

    end: "delete from web_schema.sessions where token_hash = $1",

    /** In the order of their keys, so no two statements wait for each other. */
    endAll: `
delete from web_schema.sessions
 where token_hash in (select token_hash
                        from web_schema.sessions
                       where account_id = $1 and ($2::uuid is null or id = $2) and id is distinct from $3::uuid
                       order by token_hash
                         for update)`,

    clean: `
delete from web_schema.sessions
 where token_hash in (select token_hash
                        from web_schema.sessions as session
                       where not (${isAlive})
                          or not exists (select from ${account} as account where account.id = session.account_id)
                       order by token_hash
                         for update skip locked)`,
  };
}
