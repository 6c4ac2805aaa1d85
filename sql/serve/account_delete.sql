-- Somebody no longer works for an account. An account itself stays.
--
-- Parameters
--   $1 id  int64
delete from account
where id = $1
  and owner_id is not null;
