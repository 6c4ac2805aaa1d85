-- Everybody who was erased, as hashes.
--
-- Columns
--   site_id  text
--   kind     text
--   id_hash  text
--   done     bool   whether the erasure came to its end
select
  site_id,
  kind,
  id_hash,
  finished_at is not null as done
from erased_person;
