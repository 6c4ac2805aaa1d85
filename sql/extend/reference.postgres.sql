-- Copies a table to each of Citus's nodes, and keeps the copies equal.
--
-- Parameters
--   $1 name  text
select create_reference_table(cast($1 as regclass));
