-- The sites whose outcomes have windows of their own.
--
-- Columns
--   site_id            text
--   click_window_min   int64   null: as the settings say
--   purchase_window_h  int64   likewise
select
  site_id,
  cast(click_window_min as bigint) as click_window_min,
  cast(purchase_window_h as bigint) as purchase_window_h
from site_windows
order by site_id;
