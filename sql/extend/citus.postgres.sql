-- Adds the extension to this database.
create extension if not exists citus;
