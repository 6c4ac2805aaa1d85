-- Deletes a slot.
--
-- Parameters
--   $1 site_id  text
--   $2 slot_key text
delete from content_slot
where site_id = $1
  and slot_key = $2;
