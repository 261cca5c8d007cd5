-- What happened, and what is made of it: the second can be thrown away and built again from the first.
create schema if not exists sequent_schema;
create schema if not exists view_schema;
