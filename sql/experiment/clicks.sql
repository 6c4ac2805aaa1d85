-- People of each variation who clicked something after they were first given it, each once. Bots and late
-- events do not count, as in every metric.
--
-- Parameters
--   $1 site_id     text
--   $2 test_id     uuid
--   $3 started_at  timestamp
--   $4 by_user     bool       users were bucketed, not visitors
-- Columns
--   variation_id  text
--   people        int64
select
  test_unit.variation_id,
  count(distinct test_unit.unit_id) as people
from test_unit
inner join test_exposure on test_exposure.site_id = test_unit.site_id
  and test_exposure.unit_id = test_unit.unit_id
inner join events_log on events_log.site_id = test_unit.site_id
  and case when cast($4 as boolean) then events_log.user_id else events_log.visitor_id end
    = test_exposure.visitor_id
where test_unit.site_id = $1
  and test_unit.test_id = $2
  and events_log.site_id = $1
  and events_log.event_type = 'click'
  and events_log.timestamp >= $3
  and events_log.timestamp >= test_exposure.first_at
  and not events_log.is_bot
  and not events_log.is_late
group by test_unit.variation_id
order by test_unit.variation_id;
