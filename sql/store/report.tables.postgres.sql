-- The largest tables, partitions within their table. Rows as the planner knows them.
--
-- Columns
--   name         text
--   rows         int64
--   bytes        int64   with indexes
--   index_bytes  int64
select
  coalesce(parent.relname, relation.relname)::text as name,
  sum(greatest(relation.reltuples, 0) * (relation.relkind = 'r')::integer)::bigint as rows,
  sum(pg_total_relation_size(relation.oid))::bigint as bytes,
  sum(pg_indexes_size(relation.oid))::bigint as index_bytes
from pg_class as relation
left join pg_inherits as inherits on inherits.inhrelid = relation.oid
left join pg_class as parent on parent.oid = inherits.inhparent
where relation.relkind in ('r', 'p')
  and relation.relnamespace = to_regnamespace(quote_ident(current_schema()))
group by 1
order by
  bytes desc,
  name
limit 20;
