-- Sets a site's windows of outcomes, all of them.
--
-- Parameters
--   $1 site_id            text
--   $2 click_window_min   int64   null: as the server's settings say
--   $3 cart_window_h      int64   likewise
--   $4 purchase_window_h  int64   likewise
--   $5 updated_at         timestamp
insert into site_windows (
  site_id, click_window_min, cart_window_h, purchase_window_h, updated_at
)
values ($1, cast($2 as integer), cast($3 as integer), cast($4 as integer), $5)
on conflict (site_id) do update set
  click_window_min = excluded.click_window_min,
  cart_window_h = excluded.cart_window_h,
  purchase_window_h = excluded.purchase_window_h,
  updated_at = excluded.updated_at;
