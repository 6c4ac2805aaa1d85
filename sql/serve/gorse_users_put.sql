-- Stores users, each whole.
--
-- Parameters
--   $1 site_id     text
--   $2 user_ids    text       with the unit separator (chr 31) between
--   $3 labels      text       as many JSON texts
--   $4 comments    text       as many
--   $5 updated_at  timestamp
insert into gorse_user (site_id, user_id, labels, comment, deleted_at, updated_at)
with given as (
  select
    unnest(string_to_array($2, chr(31))) as user_id,
    unnest(string_to_array($3, chr(31))) as labels,
    unnest(string_to_array($4, chr(31))) as comment
)
select
  cast($1 as varchar),
  user_id,
  cast(labels as json),
  coalesce(comment, ''),
  null,
  cast($5 as timestamptz)
from given
order by user_id
on conflict (site_id, user_id) do update set
  labels = excluded.labels,
  comment = excluded.comment,
  deleted_at = null,
  updated_at = excluded.updated_at;
