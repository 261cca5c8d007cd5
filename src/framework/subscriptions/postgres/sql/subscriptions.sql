-- How far each subscription has come in the log, and who works for it. The owner renews its lease. When the lease has ended,
-- another process may become the owner, with the next fence. Only who knows the fence can write.
create table sequent_schema.subscriptions (
  name                    text           not null,
  version                 integer        not null,
  -- The last event that it has handled.
  epoch                   integer        not null,
  xact_id                 xid8           not null,
  position                bigint         not null,
  owner                   text,                    -- the process, for people
  fence                   bigint         not null default 0,
  leased_until            timestamptz    not null default '-infinity',
  paused                  text,                    -- why, if it is paused
  constraint subscriptions_pkey primary key (name)
) with (fillfactor = 50); -- it changes often, and the new row fits on the same page
