-- Deletes one row of meta_user_profiles, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from meta_user_profiles
where user_id = $1
  and id = $2;
