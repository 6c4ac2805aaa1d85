-- How many rows a site's visitors and users have.
--
-- Parameters
--   $1 site_id   text
--   $2 visitors  text   ids with the unit separator (chr 31) between
--   $3 users     text   likewise
-- Columns
--   table_name  text
--   total       int64
select
  'events_log' as table_name,
  count(*) as total
from events_log
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
union all
select
  'user_sessions' as table_name,
  count(*) as total
from user_sessions
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
union all
select
  'pageviews' as table_name,
  count(*) as total
from pageviews
where site_id = $1
  and visitor_id in (select unnest(string_to_array($2, chr(31))))
union all
select
  'user_events' as table_name,
  count(*) as total
from user_events
where site_id = $1
  and visitor_id in (select unnest(string_to_array($2, chr(31))))
union all
select
  'form_submissions' as table_name,
  count(*) as total
from form_submissions
where site_id = $1
  and visitor_id in (select unnest(string_to_array($2, chr(31))))
union all
select
  'test_exposure' as table_name,
  count(*) as total
from test_exposure
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or visitor_id in (select unnest(string_to_array($3, chr(31)))))
union all
select
  'orders' as table_name,
  count(*) as total
from orders
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
union all
select
  'user_product_interactions' as table_name,
  count(*) as total
from user_product_interactions
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (
    select id
    from users
    where site_id = $1
      and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
  ))
union all
select
  'recommendations' as table_name,
  count(*) as total
from recommendations
where website_id = cast(cast($1 as varchar) as uuid)
  and (user_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))) or person_id in (
    select id
    from users
    where site_id = $1
      and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
  ))
union all
select
  'user_profiles' as table_name,
  count(*) as total
from user_profiles
where website_id = cast(cast($1 as varchar) as uuid)
  and (user_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
union all
select
  'user_context_features' as table_name,
  count(*) as total
from user_context_features
where site_id = $1
  and user_id in (
    select id
    from users
    where site_id = $1
      and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
  )
union all
select
  'gorse_user' as table_name,
  count(*) as total
from gorse_user
where site_id = $1
  and (user_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
union all
select
  'gorse_feedback' as table_name,
  count(*) as total
from gorse_feedback
where site_id = $1
  and (user_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
union all
select
  'users' as table_name,
  count(*) as total
from users
where site_id = $1
  and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
order by table_name;
