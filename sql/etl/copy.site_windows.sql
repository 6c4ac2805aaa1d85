-- Every row of site_windows, which no replay can make.
--
-- Columns
--   site_id
--   click_window_min
--   cart_window_h
--   purchase_window_h
--   updated_at
select
  site_id,
  click_window_min,
  cart_window_h,
  purchase_window_h,
  updated_at
from site_windows;
