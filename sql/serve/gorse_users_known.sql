-- Which of some users there are: of Gorse's API, or known users that events named.
--
-- Parameters
--   $1 site_id   text
--   $2 user_ids  text   with the unit separator (chr 31) between
-- Columns
--   user_id  text
with given as (
  select unnest(string_to_array($2, chr(31))) as user_id
)
select given.user_id
from given
  left join gorse_user on gorse_user.site_id = $1
    and gorse_user.user_id = given.user_id
where gorse_user.deleted_at is null
  and (gorse_user.user_id is not null or given.user_id in (
    select external_id
    from users
    where site_id = $1
      and is_known
      and external_id in (select unnest(string_to_array($2, chr(31))))
  ));
