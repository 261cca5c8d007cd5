-- sequent_schema holds the facts. view_schema holds the views, which can be built again from them.
create schema if not exists sequent_schema;
create schema if not exists view_schema;

-- A replay builds new views in replay_schema. Afterwards the old ones are kept in archive_schema.
create schema if not exists replay_schema;
create schema if not exists archive_schema;
