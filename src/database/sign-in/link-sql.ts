import { type AccountsTable, accountsSql } from "./accounts-table.ts";

export function linkSql(accounts: AccountsTable) {
  const account = accountsSql(accounts);
  return {
    /** An unknown address costs the same work, and is not stored. */
    addByAddress: `
insert into web_schema.sign_in_links (token_hash, purpose, account_id, email, return_to, expires_at)
select $1, 'sign_in', account.id, account.email, $2, now() + interval '15 minutes'
  from (select) as one
  left join (select account.id, account.email
               from sequent_schema.aggregate_unique_keys as unique_key
               join ${account} as account on account.id = unique_key.aggregate_id
              where unique_key.scope = $3 and unique_key.key = $4) as account on true
returning email`,

    add: `
insert into web_schema.sign_in_links (token_hash, purpose, account_id, email, expires_at)
select $1, case when $3::text is null then 'sign_in' else 'address' end, id, coalesce($3, email),
       now() + interval '15 minutes'
  from ${account} as account
 where id = $2
returning email`,

    find: `
select link.account_id, link.email, link.return_to, link.expires_at <= now() as has_expired
  from web_schema.sign_in_links as link
  join ${account} as account on account.id = link.account_id and account.email = link.email
 where link.token_hash = $1 and link.purpose = 'sign_in'`,

    /**
     * One statement: of many at once, one gets the link, and with it a session. A stranger may have signed up with this address. So
     * sessions that never showed that it is theirs end now, and so do their links to another address.
     */
    take: `
with link as (
  delete from web_schema.sign_in_links
   where token_hash = $1 and purpose = 'sign_in' and expires_at > now()
  returning account_id, email, return_to
), arrival as (
  select account.id as account_id, account.name, account.email, account.is_confirmed, link.return_to
    from link
    join ${account} as account on account.id = link.account_id and account.email = link.email
), ended as (
  delete from web_schema.sessions
   where token_hash in (select token_hash
                          from web_schema.sessions as session
                         where (account_id in (select account_id from arrival) and not is_proven)
                            or (token_hash = $4 and exists (select from arrival))
                         order by token_hash
                           for update)
  returning account_id, is_proven
), ended_links as (
  delete from web_schema.sign_in_links
   where purpose = 'address' and account_id in (select account_id from ended where not is_proven)
), begun as (
  insert into web_schema.sessions (token_hash, account_id, is_proven, browser)
  select $2, account_id, true, $3
    from arrival
)
select * from arrival`,

    findNewAddress: `
select email
  from web_schema.sign_in_links
 where token_hash = $1 and account_id = $2 and purpose = 'address' and expires_at > now()`,

    endAll: "delete from web_schema.sign_in_links where account_id = $1",

    /** For a day, one can still say that they have expired. */
    clean: `
delete from web_schema.sign_in_links
 where token_hash in (select token_hash
                        from web_schema.sign_in_links
                       where expires_at < now() - interval '1 day'
                       order by token_hash
                         for update skip locked)`,
  };
}
