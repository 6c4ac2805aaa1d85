-- Users of a site in the order of their ids: of Gorse's API, and known users that events named.
--
-- Parameters
--   $1 site_id  text
--   $2 after    text    ids up to this one were given; empty: none
--   $3 most     int64
--   $4 only     text    null: all; else this user alone
-- Columns
--   user_id  text
--   labels   json
--   comment  text
with listed as (
  select
    user_id,
    labels,
    comment
  from gorse_user
  where site_id = $1
    and deleted_at is null
    and (cast($4 as varchar) is null or user_id = $4)
  union all
  select
    external_id collate "C" as user_id,
    null as labels,
    '' as comment
  from users
  where site_id = $1
    and is_known
    and (cast($4 as varchar) is null or external_id = $4)
    and not exists (
      select 1
      from gorse_user
      where gorse_user.site_id = users.site_id
        and gorse_user.user_id = users.external_id
    )
)
select
  user_id,
  labels,
  comment
from listed
where user_id > $2
order by user_id
limit cast($3 as bigint);
