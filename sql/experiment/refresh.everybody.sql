-- Puts everybody who counts into the scope, and forgets the sums of metrics that are made anew of them.
--
-- Parameters
--   $1 site_id  text
--   $2 test_id  uuid
--   $3 metrics  text   names, with the unit separator (chr 31) between
delete from test_statistic
where site_id = $1
  and test_id = $2
  and metric in (select unnest(string_to_array($3, chr(31))));

delete from test_scope
where site_id = $1;

insert into test_scope (
  site_id,
  test_id,
  unit_id,
  is_fresh
)
select
  site_id,
  test_id,
  unit_id,
  true
from test_unit
where site_id = $1
  and test_id = $2;
