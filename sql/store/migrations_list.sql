-- Applied migrations, in order.
--
-- Columns
--   number      int64
--   hash        text   of the file when it was applied; empty: begun and not finished
--   name        text
--   applied_at  timestamp
select
  number,
  hash,
  name,
  applied_at
from schema_migrations
order by number;
