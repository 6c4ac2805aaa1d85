-- How long after a recommendation a click, a cart and a purchase are credited to it, by site; null:
-- as the server's settings say. A click keeps until when purchases are credited to it.

create table site_windows (
  site_id varchar(100) primary key,
  click_window_min integer,
  cart_window_h integer,
  purchase_window_h integer,
  updated_at timestamptz not null,
  constraint site_windows_click_check check (click_window_min between 1 and 1440),
  constraint site_windows_cart_check check (cart_window_h between 1 and 2160),
  constraint site_windows_purchase_check check (purchase_window_h between 1 and 2160)
);

select attune_protect('site_windows', 'site_id');

alter table recommendation_clicks add column credited_until timestamptz;

-- DuckDB's name for it, so that one statement serves both engines.
create function json_contains(whole json, part json) returns boolean
language sql immutable parallel safe as $$
  select whole::jsonb @> part::jsonb
$$;
