-- Columns of a table and the types a binary copy has to send; an enum takes text.
--
-- Parameters
--   $1 table text
-- Columns
--   name   text
--   type   int64   pg_type.oid
select
  attribute.attname::text as name,
  (case when type.typtype = 'e' then 25 when type.typtype = 'd' then type.typbasetype else type.oid end)::bigint as type
from pg_attribute as attribute
inner join pg_type as type on type.oid = attribute.atttypid
where attribute.attrelid = to_regclass($1::text)
  and attribute.attnum > 0
  and not attribute.attisdropped
order by attribute.attnum;
