-- Takes away products that are about to be copied from another database's catalogue, and all that
-- are the catalogue's already.
--
-- Parameters
--   $1 ids text   numbers, with commas between
delete from product
where source = 'catalogue'
  or id in (select unnest(try_cast(string_to_array($1, ',') as bigint[])));
