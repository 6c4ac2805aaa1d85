-- Every row of gorse_site, which no replay can make.
--
-- Columns
--   site_id
--   feedback_kinds
--   unknown_ids
--   updated_at
select
  site_id,
  feedback_kinds,
  unknown_ids,
  updated_at
from gorse_site;
