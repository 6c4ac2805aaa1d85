-- A site's rules for Gorse's API.
--
-- Parameters
--   $1 site_id  text
-- Columns
--   feedback_kinds  json   an object: name of a type, kind of event
--   unknown_ids     text   create or reject
select
  feedback_kinds,
  unknown_ids
from gorse_site
where site_id = $1;
