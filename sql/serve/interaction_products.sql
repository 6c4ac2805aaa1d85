-- The products that interactions name by number.
--
-- Parameters
--   $1 site_id  text
--   $2 ids      text   numbers with commas between
-- Columns
--   id           int64
--   external_id  text
select
  id,
  external_id
from product
where site_id = $1
  and id in (select cast(unnest(string_to_array($2, ',')) as bigint));
