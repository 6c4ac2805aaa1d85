-- The oldest interaction of a site.
--
-- Parameters
--   $1 site_id    text
--   $2 before_at  timestamp   of those earlier than this
--   $3 before_id  int64       and before this position of the journal, or put in by somebody else
-- Columns
--   first_at  timestamp   null: there is none
select min(timestamp) as first_at
from user_product_interactions
where site_id = $1
  and timestamp < $2
  and (id < $3 or id >= 4611686018427387904);
