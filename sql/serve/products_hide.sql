-- Hides the products that a whole catalogue does not name: those not stored by it.
--
-- Parameters
--   $1 site_id     text
--   $2 updated_at  timestamp  of all that the catalogue stored, and of nothing else
--   $3 spared      text       external ids that stay as they are, with the unit separator (chr 31) between
update product set
  hidden = true,
  source = 'catalogue',
  updated_at = $2
where site_id = $1
  and updated_at <> $2
  and not hidden
  and deleted_at is null
  and external_id not in (select unnest(string_to_array($3, chr(31))));
