-- Takes an item out of the catalogue. The row stays, because events name it.
--
-- Parameters
--   $1 site_id     text
--   $2 item_id     text
--   $3 deleted_at  timestamp
update product set
  categories = null,
  labels = null,
  comment = null,
  published_at = null,
  source = 'catalogue',
  deleted_at = $3,
  updated_at = $3
where site_id = $1
  and external_id = $2
  and deleted_at is null;
