-- Notes all people of a site, those who only have a profile left too, for a sweep. Position 0: after
-- those that the stream touches.
--
-- Parameters
--   $1 website_id uuid
insert into etl_dirty_people (site_id, person, position)
select
  cast(cast($1 as uuid) as varchar),
  people.person,
  0
from (
  select
    coalesce(user_id, visitor_id) as person
  from user_sessions
  where site_id = cast(cast($1 as uuid) as varchar)
  union
  select
    coalesce(user_id, visitor_id)
  from orders
  where site_id = cast(cast($1 as uuid) as varchar)
  union
  select
    external_id
  from users
  where site_id = cast(cast($1 as uuid) as varchar)
  union
  select
    user_id
  from user_profiles
  where website_id = cast($1 as uuid)
) as people;

delete from user_context_features
where site_id = cast(cast($1 as uuid) as varchar)
  and user_id not in (
    select id
    from users
    where site_id = cast(cast($1 as uuid) as varchar)
  );
