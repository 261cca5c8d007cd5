-- What happened, and what is made of it: the second can be thrown away and built again from the first.
create schema if not exists sequent_schema;
create schema if not exists view_schema;

-- Where views are built anew while the old ones serve, and where these rest afterwards.
create schema if not exists replay_schema;
create schema if not exists archive_schema;
