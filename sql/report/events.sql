-- Numbers that come from single events of a range.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
-- Columns
--   pageviews  int64
--   events     int64    everything else a visitor did
--   orders     int64
--   revenue    double
select
  (
    select count(*)
    from pageviews
    where site_id = $1
      and view_timestamp >= $2
      and view_timestamp < $3
  ) as pageviews,
  (
    select count(*)
    from user_events
    where site_id = $1
      and event_timestamp >= $2
      and event_timestamp < $3
  ) as events,
  (
    select count(*)
    from orders
    where site_id = $1
      and order_timestamp >= $2
      and order_timestamp < $3
  ) as orders,
  (
    select cast(coalesce(sum(revenue), 0) as double precision)
    from orders
    where site_id = $1
      and order_timestamp >= $2
      and order_timestamp < $3
  ) as revenue;
