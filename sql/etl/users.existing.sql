-- Which of some users have a row.
--
-- Parameters
--   $1 ids text   numbers, with commas between
-- Columns
--   id  int64
select id
from users
where id in (select unnest(cast(string_to_array($1, ',') as bigint[])));
