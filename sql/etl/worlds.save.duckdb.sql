-- Takes away the old clocks of worlds that are about to be written anew.
--
-- Parameters
--   $1 site_ids text   with commas between
--   $2 streams  text   as many numbers
delete from etl_worlds
using (
  select
    unnest(string_to_array($1, ',')) as site_id,
    unnest(cast(string_to_array($2, ',') as integer[])) as stream
) as changed
where etl_worlds.site_id = changed.site_id
  and etl_worlds.stream = changed.stream;
