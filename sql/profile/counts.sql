-- How many profiles and feature vectors a site has.
--
-- Parameters
--   $1 website_id uuid
-- Columns
--   profiles  int64
--   features  int64
select
  (
    select count(*)
    from user_profiles
    where website_id = cast($1 as uuid)
  ) as profiles,
  (
    select count(*)
    from user_context_features
    where site_id = cast(cast($1 as uuid) as varchar)
  ) as features;
