-- Every row of erased_person, which no replay can make.
--
-- Columns
--   site_id
--   kind
--   id_hash
--   erased_at
--   finished_at
select
  site_id,
  kind,
  id_hash,
  erased_at,
  finished_at
from erased_person;
