-- Pages of a range with their visitors, in the order asked for.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 sort    text        visitors, pageviews, time, entries
--   $5 limit   int64
-- Columns
--   path                      text
--   title                     text     of the latest view that has one
--   visitors                  int64
--   pageviews                 int64
--   avg_time_on_page_seconds  double   over views where it is known
--   entries                   int64    visits that began in the range on this page
--   total                     int64    pages in the range, the same in each row
with views as (
  select
    path,
    (array_agg(title order by view_timestamp desc) filter (where title is not null))[1] as title,
    count(distinct visitor_id) as visitors,
    count(*) as pageviews,
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
)
select
  views.path,
  views.title,
  views.visitors,
  views.pageviews,
  views.avg_time_on_page_seconds,
  coalesce(starts.entries, 0) as entries,
  count(*) over () as total
from views
left join starts on starts.path = views.path
order by
  case cast($4 as varchar)
    when 'pageviews' then views.pageviews
    when 'time' then coalesce(views.avg_time_on_page_seconds, -1)
    when 'entries' then coalesce(starts.entries, 0)
    else views.visitors
  end desc,
  views.pageviews desc,
  views.path
limit $5;
