create table if not exists readers (
  id           uuid primary key,
  email        text not null,
  asked_at     timestamptz not null default now(), -- when we last wrote because of the form
  confirmed_at timestamptz
);

create unique index if not exists readers_email on readers (lower(email));

create table if not exists posts (
  id      text primary key,
  title   text not null default '',
  excerpt text not null default ''
);

-- Mails to send. A row is deleted when the mail server has taken the mail.
create table if not exists outbox (
  id        text primary key, -- the same for each try: the Message-ID is made of it
  reader_id uuid not null references readers on delete cascade,
  post_id   text references posts, -- null: the mail is about the form
  attempts  integer not null default 0,
  due_at    timestamptz not null default now()
);

create index if not exists outbox_due_at on outbox (due_at);

create index if not exists outbox_reader_id on outbox (reader_id);

-- Signs the links in mails.
create table if not exists secrets (
  name  text primary key,
  value text not null
);
