-- Forgets the quantiles of a test, to make them anew.
--
-- Parameters
--   $1 site_id text
--   $2 test_id uuid
delete from test_quantile
where site_id = $1
  and test_id = $2;
