-- Takes away pages' rows that are about to be written anew; some may not be there.
--
-- Parameters
--   $1 ids text   numbers, with commas between
delete from pageviews
where id in (select cast(unnest(string_to_array($1, ',')) as bigint));
