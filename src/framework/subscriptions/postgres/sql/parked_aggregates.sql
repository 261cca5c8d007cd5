-- Aggregates with an event that a subscription could not handle. Their later events wait behind it. Nothing is copied: the
-- events are read again from the log.
create table sequent_schema.parked_aggregates (
  subscription            text           not null,
  aggregate_id            uuid           not null,
  next_number             integer        not null,
  attempts                integer        not null,
  retry_at                timestamptz,             -- without a time, a person decides
  error                   text           not null,
  parked_at               timestamptz    not null default clock_timestamp(),
  constraint parked_aggregates_pkey primary key (subscription, aggregate_id),
  constraint parked_aggregates_subscription_fkey
    foreign key (subscription) references sequent_schema.subscriptions on delete cascade
);
