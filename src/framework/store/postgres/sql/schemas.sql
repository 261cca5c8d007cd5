-- sequent_schema holds the facts. view_schema holds what is made of them, and can be built again.
create schema if not exists sequent_schema;
create schema if not exists view_schema;

-- Views are built anew in replay_schema while the old ones serve. Afterwards the old ones rest in archive_schema.
create schema if not exists replay_schema;
create schema if not exists archive_schema;
