-- Completed tests of an account with their last result.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   id                   uuid
--   campaign_id          uuid       null: none
--   name                 text
--   hypothesis           text       null: none
--   primary_metric       text       null: none
--   engine               text
--   start_date           timestamp  null: not known
--   end_date             timestamp  null: not known
--   winning_variation    text       null: nobody won
--   significance_status  text
--   p_value              double     null: not known
--   confidence_level     double     null: not known
--   projected_lift       double     null: not known
--   projected_lift_low   double     null: not known
--   projected_lift_high  double     null: not known
--   total_impressions    int64
--   statistical_details  json
select
  ab_tests.id,
  ab_tests.campaign_id,
  ab_tests.name,
  ab_tests.hypothesis,
  ab_tests.primary_metric,
  ab_tests.engine,
  ab_tests.start_date,
  ab_tests.end_date,
  results.winning_variation,
  cast(results.significance_status as varchar) as significance_status,
  results.p_value,
  results.confidence_level,
  results.projected_lift,
  results.projected_lift_low,
  results.projected_lift_high,
  results.total_impressions,
  results.statistical_details
from ab_tests
inner join test_results as results
  on results.user_id = ab_tests.user_id
  and results.ab_test_id = ab_tests.id
where ab_tests.user_id = $1
  and ab_tests.status = 'Completed'
  and results.calculated_at = (
    select max(others.calculated_at)
    from test_results as others
    where others.user_id = ab_tests.user_id
      and others.ab_test_id = ab_tests.id
  )
order by ab_tests.id;
