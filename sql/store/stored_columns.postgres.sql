-- Columns of a table that are stored as given, in order.
--
-- Parameters
--   $1 table text
-- Columns
--   name  text
select attname::text as name
from pg_attribute
where attrelid = to_regclass(quote_ident($1::text))
  and attnum > 0
  and not attisdropped
  and attgenerated = ''
order by attnum;
