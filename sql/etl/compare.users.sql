-- Rows of users in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   site_id
--   external_id
--   is_known
--   first_seen_at
--   created_at
select
  id,
  site_id,
  external_id,
  is_known,
  first_seen_at,
  created_at
from users
where id >= $1::bigint
  and id <= $2::bigint
order by
  id;
