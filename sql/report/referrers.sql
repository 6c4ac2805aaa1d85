-- Hosts the visits of a range came from, but for the site's own.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 limit   int64
-- Columns
--   host           text    lower case, without "www." and port
--   referrer_type  text
--   visitors       int64
--   sessions       int64
--   total          int64   rows in the range, the same in each row
with visits as (
  select
    split_part(split_part(split_part(split_part(
      lower(original_referrer), '://', 2), '/', 1), '?', 1), ':', 1) as full_host,
    referrer_type,
    visitor_id
  from user_sessions
  where site_id = $1
    and session_start >= $2
    and session_start < $3
    and last_event_at >= $2
    and original_referrer is not null
    and referrer_type <> 'internal'
),
hosts as (
  select
    case when full_host like 'www.%' then substring(full_host, 5) else full_host end as host,
    referrer_type,
    visitor_id
  from visits
)
select
  host,
  referrer_type,
  count(distinct visitor_id) as visitors,
  count(*) as sessions,
  count(*) over () as total
from hosts
where host <> ''
group by host, referrer_type
order by visitors desc, sessions desc, host, referrer_type
limit $4;
