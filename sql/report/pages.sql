-- Pages of a range with their visitors, in the order asked for.
--
-- Titles are fetched for the rows that are answered only: the latest of every page would copy each one.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 sort    text        visitors, pageviews, time, entries
--   $5 limit   int64
-- Columns
--   path                      text
--   title                     text     of the view that came last
--   visitors                  int64
--   pageviews                 int64
--   avg_time_on_page_seconds  double   over views where it is known
--   entries                   int64    visits that began in the range on this page
--   total                     int64    pages in the range, the same in each row
with views as (
  select
    path,
    count(distinct visitor_id) as visitors,
    count(*) as pageviews,
    max(id) as last_id,
    cast(avg(time_on_page_seconds) as double precision) as avg_time_on_page_seconds
  from pageviews
  where site_id = $1
    and view_timestamp >= $2
    and view_timestamp < $3
  group by path
),
starts as (
  select
    entry_path as path,
    count(*) as entries
  from user_sessions
  where site_id = $1
    and session_start >= $2
    and session_start < $3
    and last_event_at >= $2
  group by entry_path
),
ranked as (
  select
    views.path,
    views.visitors,
    views.pageviews,
    views.last_id,
    views.avg_time_on_page_seconds,
    coalesce(starts.entries, 0) as entries,
    count(*) over () as total,
    case cast($4 as varchar)
      when 'pageviews' then views.pageviews
      when 'time' then coalesce(views.avg_time_on_page_seconds, -1)
      when 'entries' then coalesce(starts.entries, 0)
      else views.visitors
    end as sort_value
  from views
  left join starts on starts.path = views.path
  order by sort_value desc, views.pageviews desc, views.path
  limit $5
)
select
  ranked.path,
  named.title,
  ranked.visitors,
  ranked.pageviews,
  ranked.avg_time_on_page_seconds,
  ranked.entries,
  ranked.total
from ranked
left join pageviews as named
  on named.id = ranked.last_id
  and named.site_id = $1
  and named.view_timestamp >= $2
  and named.view_timestamp < $3
order by ranked.sort_value desc, ranked.pageviews desc, ranked.path;
