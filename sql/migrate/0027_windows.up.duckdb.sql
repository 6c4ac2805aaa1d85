-- How long after a recommendation a click, a cart and a purchase are credited to it, by site; null:
-- as the server's settings say. A click keeps until when purchases are credited to it.

create table site_windows (
  site_id varchar primary key,
  click_window_min integer,
  cart_window_h integer,
  purchase_window_h integer,
  updated_at timestamptz not null,
  check (click_window_min between 1 and 1440),
  check (cart_window_h between 1 and 2160),
  check (purchase_window_h between 1 and 2160)
);

alter table recommendation_clicks add column credited_until timestamptz;
