-- Tables that only the ETL writes, and its own state. docs/etl.md defines every column; section 14
-- says why sessions and pageviews are views over small tables that are rewritten and large ones
-- that are not.

create table hot_sessions (
  session_key bigint using compression uncompressed not null,
  session_start timestamptz using compression uncompressed not null,
  last_event_at timestamptz using compression uncompressed not null,
  last_position bigint using compression uncompressed not null,
  pageview_count integer using compression uncompressed not null,
  event_count integer using compression uncompressed not null,
  engaged_count integer using compression uncompressed not null,
  user_id varchar(255) using compression uncompressed,
  user_at timestamptz using compression uncompressed,
  user_position bigint using compression uncompressed
);

create table hot_leads (
  session_key bigint using compression uncompressed not null,
  session_id varchar(100) using compression uncompressed not null,
  visitor_id varchar(100) using compression uncompressed not null,
  site_id varchar(100) using compression uncompressed not null,
  stream integer using compression uncompressed not null,
  lead_at timestamptz using compression uncompressed not null,
  lead_position bigint using compression uncompressed not null,
  entry_url text using compression uncompressed,
  entry_path varchar(500) using compression uncompressed,
  entry_title text using compression uncompressed,
  utm_source varchar(100) using compression uncompressed,
  utm_medium varchar(100) using compression uncompressed,
  utm_campaign varchar(100) using compression uncompressed,
  utm_content varchar(100) using compression uncompressed,
  utm_term varchar(100) using compression uncompressed,
  referrer_type varchar(50) using compression uncompressed not null,
  referrer_platform varchar(100) using compression uncompressed,
  original_referrer text using compression uncompressed,
  user_agent text using compression uncompressed,
  browser_language varchar(10) using compression uncompressed,
  timezone varchar(50) using compression uncompressed,
  screen_width integer using compression uncompressed,
  screen_height integer using compression uncompressed,
  viewport_width integer using compression uncompressed,
  viewport_height integer using compression uncompressed,
  device_pixel_ratio decimal(3, 2) using compression uncompressed,
  browser varchar(100) using compression uncompressed,
  os varchar(100) using compression uncompressed,
  device_type varchar(20) using compression uncompressed not null,
  country varchar(2) using compression uncompressed
);

create table hot_pages (
  session_key bigint using compression uncompressed not null,
  exit_at timestamptz using compression uncompressed not null,
  exit_position bigint using compression uncompressed not null,
  exit_is_cold boolean using compression uncompressed not null,
  url text using compression uncompressed not null,
  path varchar(500) using compression uncompressed not null,
  visitor_id varchar(100) using compression uncompressed,
  title text using compression uncompressed,
  query_params text using compression uncompressed,
  hash_fragment varchar(500) using compression uncompressed,
  referrer text using compression uncompressed,
  internal_referrer boolean using compression uncompressed,
  utm_source varchar(100) using compression uncompressed,
  utm_medium varchar(100) using compression uncompressed,
  utm_campaign varchar(100) using compression uncompressed,
  utm_content varchar(100) using compression uncompressed,
  utm_term varchar(100) using compression uncompressed
);

create table user_sessions_cold (
  session_key bigint not null,
  session_id varchar(100) not null,
  visitor_id varchar(100) not null,
  site_id varchar(100) not null,
  stream integer not null,
  session_start timestamptz not null,
  last_event_at timestamptz not null,
  pageview_count integer not null,
  event_count integer not null,
  engaged_count integer not null,
  entry_url text,
  entry_path varchar(500),
  entry_title text,
  utm_source varchar(100),
  utm_medium varchar(100),
  utm_campaign varchar(100),
  utm_content varchar(100),
  utm_term varchar(100),
  referrer_type varchar(50) not null,
  referrer_platform varchar(100),
  original_referrer text,
  user_agent text,
  browser_language varchar(10),
  timezone varchar(50),
  screen_width integer,
  screen_height integer,
  viewport_width integer,
  viewport_height integer,
  device_pixel_ratio decimal(3, 2),
  browser varchar(100),
  os varchar(100),
  device_type varchar(20) not null,
  country varchar(2),
  user_id varchar(255),
  user_at timestamptz,
  user_position bigint,
  lead_at timestamptz not null,
  lead_position bigint not null,
  last_position bigint not null,
  exit_url text,
  exit_path varchar(500),
  exit_at timestamptz,
  exit_position bigint
);

create view user_sessions as
select
  session_id,
  visitor_id,
  site_id,
  session_start,
  last_event_at as session_end,
  cast(least(
    (epoch_ms(last_event_at) - epoch_ms(session_start)) // 1000, 2147483647
  ) as integer) as duration_seconds,
  pageview_count,
  event_count,
  pageview_count = 1 and engaged_count = 0 as bounce,
  entry_url,
  entry_path,
  entry_title,
  exit_url,
  exit_path,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  referrer_type,
  referrer_platform,
  original_referrer,
  user_agent,
  browser_language,
  timezone,
  screen_width,
  screen_height,
  viewport_width,
  viewport_height,
  device_pixel_ratio,
  session_key,
  stream,
  last_event_at,
  engaged_count,
  browser,
  os,
  device_type,
  country,
  user_id,
  user_at,
  user_position,
  lead_position,
  last_position,
  exit_position,
  exit_at
from user_sessions_cold
union all
select
  leads.session_id,
  leads.visitor_id,
  leads.site_id,
  sessions.session_start,
  cast(null as timestamptz) as session_end,
  cast(least(
    (epoch_ms(sessions.last_event_at) - epoch_ms(sessions.session_start)) // 1000, 2147483647
  ) as integer) as duration_seconds,
  sessions.pageview_count,
  sessions.event_count,
  sessions.pageview_count = 1 and sessions.engaged_count = 0 as bounce,
  leads.entry_url,
  leads.entry_path,
  leads.entry_title,
  pages.url as exit_url,
  pages.path as exit_path,
  leads.utm_source,
  leads.utm_medium,
  leads.utm_campaign,
  leads.utm_content,
  leads.utm_term,
  leads.referrer_type,
  leads.referrer_platform,
  leads.original_referrer,
  leads.user_agent,
  leads.browser_language,
  leads.timezone,
  leads.screen_width,
  leads.screen_height,
  leads.viewport_width,
  leads.viewport_height,
  leads.device_pixel_ratio,
  sessions.session_key,
  leads.stream,
  sessions.last_event_at,
  sessions.engaged_count,
  leads.browser,
  leads.os,
  leads.device_type,
  leads.country,
  sessions.user_id,
  sessions.user_at,
  sessions.user_position,
  leads.lead_position,
  sessions.last_position,
  pages.exit_position,
  pages.exit_at
from hot_sessions as sessions
inner join hot_leads as leads on leads.session_key = sessions.session_key
left join hot_pages as pages on pages.session_key = sessions.session_key;

create table pageviews_cold (
  id bigint not null,
  session_id varchar(100) not null,
  visitor_id varchar(100) not null,
  site_id varchar(100) not null,
  url text not null,
  path varchar(500) not null,
  title text,
  query_params text,
  hash_fragment varchar(500),
  view_timestamp timestamptz not null,
  time_on_page_seconds integer,
  referrer text,
  internal_referrer boolean not null,
  utm_source varchar(100),
  utm_medium varchar(100),
  utm_campaign varchar(100),
  utm_content varchar(100),
  utm_term varchar(100),
  session_key bigint not null
);

create view pageviews as
select
  id,
  session_id,
  visitor_id,
  site_id,
  url,
  path,
  title,
  query_params,
  hash_fragment,
  view_timestamp,
  time_on_page_seconds,
  referrer,
  internal_referrer,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  session_key
from pageviews_cold
union all
select
  pages.exit_position as id,
  leads.session_id,
  pages.visitor_id,
  leads.site_id,
  pages.url,
  pages.path,
  pages.title,
  pages.query_params,
  pages.hash_fragment,
  pages.exit_at as view_timestamp,
  case
    when (sessions.last_event_at, sessions.last_position) > (pages.exit_at, pages.exit_position)
      then cast(
        least((epoch_ms(sessions.last_event_at) - epoch_ms(pages.exit_at)) // 1000, 1800) as integer
      )
  end as time_on_page_seconds,
  pages.referrer,
  pages.internal_referrer,
  pages.utm_source,
  pages.utm_medium,
  pages.utm_campaign,
  pages.utm_content,
  pages.utm_term,
  pages.session_key
from hot_pages as pages
inner join hot_sessions as sessions on sessions.session_key = pages.session_key
inner join hot_leads as leads on leads.session_key = pages.session_key
where not pages.exit_is_cold;

create table recommendations (
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  user_id varchar(255),
  website_id uuid not null,
  recommendation_type varchar(50),
  item_id varchar(255) not null,
  score decimal(5, 4),
  rank integer,
  context json,
  strategy varchar(50),
  model_version varchar(50),
  personalization_factors json,
  shown boolean default true,
  clicked boolean default false,
  converted boolean default false,
  revenue decimal(19, 4),
  shown_at timestamptz default now(),
  clicked_at timestamptz,
  converted_at timestamptz,
  decision_id uuid not null,
  position bigint not null,
  product_id bigint not null,
  person_id bigint,
  decided_at timestamptz not null,
  propensity double not null,
  raw_score double,
  reason text,
  placement varchar(100),
  session_text varchar(100),
  eligible_count integer,
  eligible_hash varchar(16),
  seed varchar(16),
  matured_at timestamptz
);

create table recommendation_clicks (
  recommendation_id uuid not null,
  person_id bigint,
  product_id bigint not null,
  clicked_at timestamptz not null,
  position bigint not null,
  decided_at timestamptz not null
);

create table recommendation_purchases (
  id bigint not null,
  person_id bigint not null,
  product_id bigint not null,
  purchased_at timestamptz not null,
  amount decimal(19, 4) not null
);

create table etl_cursor (
  name varchar(50) primary key,
  position bigint not null,
  tick_ms bigint not null,
  arrival_ms bigint not null,
  names_from bigint not null,
  events bigint not null default 0,
  counted bigint not null default 0,
  duplicates bigint not null default 0,
  bots bigint not null default 0,
  performance bigint not null default 0,
  late bigint not null default 0,
  after_end bigint not null default 0,
  erased bigint not null default 0,
  damaged bigint not null default 0,
  decisions bigint not null default 0,
  other_records bigint not null default 0,
  sessions bigint not null default 0,
  sessions_given_up bigint not null default 0,
  event_ids_given_up bigint not null default 0
);

create table etl_worlds (
  site_id varchar(100) not null,
  stream integer not null,
  watermark_ms bigint not null,
  floor_ms bigint not null,
  ended boolean not null
);

create table etl_event_id_buckets (
  first_position bigint not null,
  hour bigint not null
);

create table etl_dirty_days (
  site_id varchar(100) not null,
  metric_date date not null
);
