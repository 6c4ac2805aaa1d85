-- The erasures of a site came to their end.
--
-- Parameters
--   $1 site_id      text
--   $2 finished_at  timestamp
update erased_person
set
  finished_at = $2
where site_id = $1
  and finished_at is null;
