-- Takes days off the list.
--
-- Parameters
--   $1 site_id      text
--   $2 metric_date  date
delete from etl_dirty_days
where site_id = $1
  and metric_date = $2::date;
