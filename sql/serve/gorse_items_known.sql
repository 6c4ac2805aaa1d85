-- Which of some items there are.
--
-- Parameters
--   $1 site_id       text
--   $2 external_ids  text   with the unit separator (chr 31) between
-- Columns
--   item_id  text
select external_id as item_id
from product
where site_id = $1
  and deleted_at is null
  and external_id in (select unnest(string_to_array($2, chr(31))));
