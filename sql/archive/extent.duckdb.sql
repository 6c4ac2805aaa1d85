-- What is in the database that files are made in.
--
-- Columns
--   row_count  int64
--   first_at   timestamp
--   last_at    timestamp
select
  count(*) as row_count,
  min(timestamp) as first_at,
  max(timestamp) as last_at
from user_product_interactions;
