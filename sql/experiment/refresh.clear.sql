-- Forgets what was counted for a test, to count it anew.
--
-- Parameters
--   $1 site_id text
--   $2 test_id uuid
delete from test_unit_metric
where site_id = $1
  and test_id = $2;

delete from test_unit
where site_id = $1
  and test_id = $2;

delete from test_statistic
where site_id = $1
  and test_id = $2;

delete from test_quantile
where site_id = $1
  and test_id = $2;

delete from test_refresh
where site_id = $1
  and test_id = $2;
