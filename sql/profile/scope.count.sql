-- How many people are in the scope.
--
-- Parameters
--   $1 website_id uuid
-- Columns
--   people  int64
select
  count(*) as people
from profile_scope
where site_id = cast(cast($1 as uuid) as varchar);
