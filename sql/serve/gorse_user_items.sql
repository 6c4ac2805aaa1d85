-- Items that a user gave feedback on, newest first.
--
-- Parameters
--   $1 site_id  text
--   $2 user_id  text
--   $3 now      timestamp  later feedback is not there yet
--   $4 most     int64
-- Columns
--   item_id  text
select item_id
from gorse_feedback
where site_id = $1
  and user_id = $2
  and given_at <= $3
group by item_id
order by max(given_at) desc, item_id
limit cast($4 as bigint);
