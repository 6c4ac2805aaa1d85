-- A key stops working.
--
-- Parameters
--   $1 id  int64
delete from api_key
where id = $1;
