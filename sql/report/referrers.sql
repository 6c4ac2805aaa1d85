-- Hosts the visits of a range came from, but for the site's own.
--
-- Cutting a host out of a URL is slow, so it is done once a URL and not once a visit; the
-- visits are scanned twice because keeping them in between costs more. The test for
-- an empty host is on an aggregate because DuckDB pushes any other down to the scan.
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
with urls as (
  select
    original_referrer,
    split_part(split_part(split_part(split_part(
      lower(original_referrer), '://', 2), '/', 1), '?', 1), ':', 1) as full_host
  from (
    select distinct original_referrer
    from user_sessions
    where site_id = $1
      and session_start >= $2
      and session_start < $3
      and last_event_at >= $2
      and original_referrer is not null
      and referrer_type <> 'internal'
  ) as every_url
),
hosts as (
  select
    original_referrer,
    case when full_host like 'www.%' then substring(full_host, 5) else full_host end as host
  from urls
)
select
  hosts.host,
  visits.referrer_type,
  count(distinct visits.visitor_id) as visitors,
  count(*) as sessions,
  count(*) over () as total
from user_sessions as visits
join hosts on hosts.original_referrer = visits.original_referrer
where visits.site_id = $1
  and visits.session_start >= $2
  and visits.session_start < $3
  and visits.last_event_at >= $2
  and visits.referrer_type <> 'internal'
group by hosts.host, visits.referrer_type
having max(hosts.host) <> ''
order by visitors desc, sessions desc, hosts.host, visits.referrer_type
limit $4;
