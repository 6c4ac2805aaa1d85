-- The users that interactions name by number.
--
-- Parameters
--   $1 site_id  text
--   $2 ids      text   numbers with commas between
-- Columns
--   id           int64
--   external_id  text
--   is_known     bool   it is a user id of the shop
select
  id,
  external_id,
  is_known
from users
where site_id = $1
  and id in (select cast(unnest(string_to_array($2, ',')) as bigint));
