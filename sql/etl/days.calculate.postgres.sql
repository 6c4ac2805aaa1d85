-- Counts days of all sites anew, also of those that Attune does not know.
--
-- Parameters
--   $1 start  date
--   $2 end    date   the last day
call calculate_daily_metrics($1::date, $2::date);
