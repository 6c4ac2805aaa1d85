-- Distributes a table over Citus's nodes, its rows included.
--
-- Parameters
--   $1 name           text
--   $2 tenant_column  text
--   $3 beside         text  a table of the same tenants, whose nodes hold their rows; none: the first
select create_distributed_table(cast($1 as regclass), $2, colocate_with => $3);
