-- Adds users that are not there, or were deleted.
--
-- Parameters
--   $1 site_id     text
--   $2 user_ids    text       with the unit separator (chr 31) between
--   $3 updated_at  timestamp
insert into gorse_user (site_id, user_id, labels, comment, deleted_at, updated_at)
with given as (
  select unnest(string_to_array($2, chr(31))) as user_id
)
select
  cast($1 as varchar),
  user_id,
  null,
  '',
  null,
  cast($3 as timestamptz)
from given
order by user_id
on conflict (site_id, user_id) do update set
  labels = case when gorse_user.deleted_at is null then gorse_user.labels end,
  comment = case when gorse_user.deleted_at is null then gorse_user.comment else '' end,
  deleted_at = null;
