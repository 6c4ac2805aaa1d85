-- When a test's sums were made, and how many people were given two variations.
--
-- Parameters
--   $1 site_id text
--   $2 test_id uuid
-- Columns
--   mixed_units   int64
--   refreshed_at  timestamp
select
  mixed_units,
  refreshed_at
from test_refresh
where site_id = $1
  and test_id = $2;
