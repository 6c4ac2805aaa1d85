-- Deletes a rule.
--
-- Parameters
--   $1 site_id text
--   $2 id      uuid
delete from placement_rule
where site_id = $1
  and id = $2;
