-- Stores feedback; of a key that is there, the value is added to or put in its place.
--
-- Parameters
--   $1 site_id     text
--   $2 user_ids    text       with the unit separator (chr 31) between
--   $3 item_ids    text       as many
--   $4 types       text       as many
--   $5 values      text       as many numbers
--   $6 given_us    text       as many: microseconds since 1970
--   $7 labels      text       as many JSON texts
--   $8 comments    text       as many
--   $9 updated_at  timestamp
--   $10 adds       bool
insert into gorse_feedback (
  site_id, user_id, item_id, feedback_type, value, given_at, labels, comment, updated_at
)
with given as (
  select
    unnest(string_to_array($2, chr(31))) as user_id,
    unnest(string_to_array($3, chr(31))) as item_id,
    unnest(string_to_array($4, chr(31))) as feedback_type,
    unnest(string_to_array($5, chr(31))) as value,
    unnest(string_to_array($6, chr(31))) as given_us,
    unnest(string_to_array($7, chr(31))) as labels,
    unnest(string_to_array($8, chr(31))) as comment
)
select
  cast($1 as varchar),
  user_id,
  item_id,
  feedback_type,
  cast(value as double precision),
  to_timestamp(cast(given_us as double precision) / 1000000),
  cast(labels as json),
  coalesce(comment, ''),
  cast($9 as timestamptz)
from given
order by user_id, item_id, feedback_type
on conflict (site_id, user_id, item_id, feedback_type) do update set
  value = case
    when cast($10 as boolean) then gorse_feedback.value + excluded.value
    else excluded.value
  end,
  given_at = excluded.given_at,
  labels = excluded.labels,
  comment = excluded.comment,
  updated_at = excluded.updated_at;
