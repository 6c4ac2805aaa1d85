-- Takes the rows that archive/rows gave out of the table.
--
-- Parameters
--   $1 site_id    text
--   $2 begin      timestamp
--   $3 end        timestamp
--   $4 before_id  int64
delete from user_product_interactions
where site_id = $1
  and timestamp >= $2
  and timestamp < $3
  and (id < $4 or id >= 4611686018427387904);
