-- Takes people out of the database that files are made in.
--
-- Parameters
--   $1 visitors  text   ids with the unit separator (chr 31) between
--   $2 users     text   numbers of theirs (users.id), likewise
delete from user_product_interactions
where visitor_id in (select unnest(string_to_array($1, chr(31))))
  or user_id in (select try_cast(unnest(string_to_array($2, chr(31))) as bigint));
