-- Where the visits of a range came from, by one of five names.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 kind    text        type, platform, utm_source, utm_medium, utm_campaign
--   $5 limit   int64
-- Columns
--   name      text
--   visitors  int64
--   sessions  int64
--   bounced   int64
--   total     int64   names in the range, the same in each row
with visits as (
  select
    case cast($4 as varchar)
      when 'type' then referrer_type
      when 'platform' then coalesce(referrer_platform, referrer_type)
      when 'utm_source' then utm_source
      when 'utm_medium' then utm_medium
      when 'utm_campaign' then utm_campaign
    end as name,
    visitor_id,
    bounce
  from user_sessions
  where site_id = $1
    and session_start >= $2
    and session_start < $3
    and last_event_at >= $2
)
select
  name,
  count(distinct visitor_id) as visitors,
  count(*) as sessions,
  count(case when bounce then 1 end) as bounced,
  count(*) over () as total
from visits
where name is not null
group by name
order by visitors desc, sessions desc, name
limit $5;
