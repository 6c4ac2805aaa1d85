-- Takes some of the people that the ETL noted as the scope, and off the list: those whose rows were
-- touched first, then those that a sweep noted.
--
-- Parameters
--   $1 website_id uuid
--   $2 people_max int64
insert into profile_scope (site_id, person, created_at)
select
  chosen.site_id,
  chosen.person,
  profiles.created_at
from (
  select
    site_id,
    person
  from etl_dirty_people
  where site_id = cast(cast($1 as uuid) as varchar)
  group by site_id, person
  order by
    min(nullif(position, 0)) nulls last,
    person
  limit cast($2 as bigint)
) as chosen
left join user_profiles as profiles
  on profiles.website_id = cast($1 as uuid)
  and profiles.user_id = chosen.person;

delete from etl_dirty_people
where site_id = cast(cast($1 as uuid) as varchar)
  and person in (
    select person
    from profile_scope
    where site_id = cast(cast($1 as uuid) as varchar)
  );

-- The rows are this transaction's: without statistics PostgreSQL would plan for an empty table.
analyze profile_scope;
