-- Applied migrations, in order.
--
-- Columns
--   number  int64
--   hash    text   of the file when it was applied
select
  number,
  hash
from schema_migrations
order by number;
