-- Empties the scope at the end of a transaction: nobody else ever sees rows of it.
--
-- Parameters
--   $1 website_id uuid
delete from profile_scope
where site_id = cast(cast($1 as uuid) as varchar);
