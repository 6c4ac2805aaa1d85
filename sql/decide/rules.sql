-- Rules of a site, by id.
--
-- Parameters
--   $1 site_id text
-- Columns
--   id          uuid
--   definition  text   JSON
select
  id,
  cast(definition as text) as definition
from placement_rule
where site_id = $1
order by id
limit 1000;
