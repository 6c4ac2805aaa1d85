-- A site's own windows of outcomes.
--
-- Parameters
--   $1 site_id  text
-- Columns
--   click_window_min   int64   null: as the server's settings say
--   cart_window_h      int64   likewise
--   purchase_window_h  int64   likewise
select
  cast(click_window_min as bigint) as click_window_min,
  cast(cart_window_h as bigint) as cart_window_h,
  cast(purchase_window_h as bigint) as purchase_window_h
from site_windows
where site_id = $1;
