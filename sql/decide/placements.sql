-- Placements of a site, by name.
--
-- Parameters
--   $1 site_id text
-- Columns
--   name        text
--   definition  text   JSON
select
  name,
  cast(definition as text) as definition
from placement
where site_id = $1
order by name
limit 1000;
