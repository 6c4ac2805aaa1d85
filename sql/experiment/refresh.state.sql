-- How far the tables are, and how far a test's sums.
--
-- Parameters
--   $1 site_id text
--   $2 test_id uuid
-- Columns
--   etl_position  int64
--   position      int64   null: the sums were never made
--   generation    int64
select
  coalesce(max(etl_cursor.position), 0) as etl_position,
  max(test_refresh.position) as position,
  coalesce(max(test_refresh.generation), 0) as generation
from (select 1 as one) as always
left join etl_cursor on etl_cursor.name = 'etl'
left join test_refresh on test_refresh.site_id = $1
  and test_refresh.test_id = $2;
