-- What the list of tests says of each that was started: its people by the sums as they are now, and its
-- last snapshot.
--
-- Parameters
--   $1 user_id int64   the account
--   $2 site_id text    only of this one; null: all
--   $3 status  text    only in this state; null: in any
-- Columns
--   id                   uuid
--   people               int64       who count
--   mixed                int64       null: never counted
--   refreshed_at         timestamp   null: never counted
--   calculated_at        timestamp   null, as all that follows: no snapshot yet
--   total_impressions    int64       people of the snapshot
--   total_conversions    int64
--   duration_days        double
--   winning_variation    text
--   significance_status  text
--   p_value              double
--   projected_lift       double
--   projected_lift_low   double
--   projected_lift_high  double
--   outcome              text
--   alarm                text        "true": the variations did not get the people they should have got
--   variations           text        JSON: [{"units": ..}]
with wanted as (
  select
    id,
    site_id
  from ab_tests
  where user_id = $1
    and started_at is not null
    and (cast($2 as varchar) is null or site_id = cast($2 as varchar))
    and (cast($3 as varchar) is null or cast(status as varchar) = cast($3 as varchar))
),
people as (
  select
    wanted.id,
    cast(sum(test_statistic.units) as bigint) as people
  from wanted
  inner join test_statistic on test_statistic.site_id = wanted.site_id
    and test_statistic.test_id = wanted.id
  where test_statistic.metric = ''
    and test_statistic.dimension = ''
  group by wanted.id
),
newest as (
  select
    test_results.ab_test_id,
    max(test_results.calculated_at) as calculated_at
  from test_results
  inner join wanted on wanted.id = test_results.ab_test_id
  where test_results.user_id = $1
  group by test_results.ab_test_id
)
select
  wanted.id,
  coalesce(people.people, 0) as people,
  test_refresh.mixed_units as mixed,
  test_refresh.refreshed_at,
  test_results.calculated_at,
  test_results.total_impressions,
  test_results.total_conversions,
  test_results.duration_days,
  test_results.winning_variation,
  cast(test_results.significance_status as varchar) as significance_status,
  test_results.p_value,
  test_results.projected_lift,
  test_results.projected_lift_low,
  test_results.projected_lift_high,
  test_results.statistical_details -> 'verdict' ->> 'outcome' as outcome,
  test_results.statistical_details -> 'verdict' -> 'srm' ->> 'alarm' as alarm,
  test_results.statistical_details -> 'verdict' ->> 'variations' as variations
from wanted
left join people on people.id = wanted.id
left join test_refresh on test_refresh.site_id = wanted.site_id
  and test_refresh.test_id = wanted.id
left join newest on newest.ab_test_id = wanted.id
left join test_results on test_results.user_id = $1
  and test_results.ab_test_id = newest.ab_test_id
  and test_results.calculated_at = newest.calculated_at
order by wanted.id;
