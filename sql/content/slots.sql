-- Slots of a site, by key.
--
-- Parameters
--   $1 site_id text
-- Columns
--   slot_key       text
--   user_id        int64
--   templates      text    JSON list of ids
--   policy         text
--   floor_share    double
--   holdout_share  double
--   is_enabled     bool
select
  slot_key,
  user_id,
  cast(templates as text) as templates,
  policy,
  floor_share,
  holdout_share,
  is_enabled
from content_slot
where site_id = $1
order by slot_key
limit 1000;
