-- What people of a refresh did, by metric: after the first exposure within the metric's window, and
-- before it for as long as is looked back. Bots and late events do not count. A metric of events has a
-- row for each event that has the number, any other one for each person.
--
-- Parameters
--   $1 site_id         text
--   $2 test_id         uuid
--   $3 is_fresh        bool       of the fresh people, or of the others
--   $4 from_position   int64      of the others what lies before is counted
--   $5 until_position  int64
--   $6 since           timestamp  no event that matters is earlier
--   $7 before_seconds  int64      0: nothing before counts
--   $8 by_user         bool       users were bucketed, not visitors
--   $9 rules           json       one for each part of each metric
--   $10 first_unit     int64      of the people alone whose unit_id is from here
--   $11 last_unit      int64      to here
with rules as (
  select unnest(from_json(cast($9 as json), '[{
    "metric": "VARCHAR", "role": "VARCHAR", "event": "VARCHAR", "property": "VARCHAR",
    "pattern": "VARCHAR", "where_property": "VARCHAR", "where_value": "VARCHAR",
    "from_seconds": "BIGINT", "until_seconds": "BIGINT", "is_proportion": "BOOLEAN",
    "has_before": "BOOLEAN", "cap": "DOUBLE", "per_event": "BOOLEAN"
  }]'), recursive := true)
),
happened as (
  select
    test_scope.unit_id,
    rules.metric,
    rules.role,
    rules.property,
    rules.per_event,
    events_log.id as event_id,
    epoch_us(events_log.timestamp) >= epoch_us(test_exposure.first_at) as is_after,
    coalesce(
      json_extract(events_log.raw_event_data, '$.data' || '."' || replace(nullif(rules.property, ''), '.', '"."') || '"'),
      json_extract(events_log.raw_event_data, '$' || '."' || replace(nullif(rules.property, ''), '.', '"."') || '"')
    ) as found
  from test_scope
  inner join test_unit on test_unit.site_id = test_scope.site_id
    and test_unit.test_id = test_scope.test_id
    and test_unit.unit_id = test_scope.unit_id
  inner join test_exposure on test_exposure.site_id = test_scope.site_id
    and test_exposure.unit_id = test_scope.unit_id
  inner join events_log on events_log.site_id = test_scope.site_id
    and case when cast($8 as boolean) then events_log.user_id else events_log.visitor_id end
      = test_exposure.visitor_id
  inner join rules on rules.event = events_log.event_type
  where test_scope.site_id = $1
    and test_scope.test_id = $2
    and test_scope.is_fresh = cast($3 as boolean)
    and test_scope.unit_id between cast($10 as bigint) and cast($11 as bigint)
    and test_unit.unit_id between cast($10 as bigint) and cast($11 as bigint)
    and test_exposure.unit_id between cast($10 as bigint) and cast($11 as bigint)
    and events_log.site_id = $1
    and events_log.id >= cast($4 as bigint)
    and events_log.id < cast($5 as bigint)
    and events_log.timestamp >= $6
    and not events_log.is_bot
    and not events_log.is_late
    and (rules.pattern = '' or events_log.path like rules.pattern escape '!')
    and (
      rules.where_property = ''
      or coalesce(
        json_extract_string(events_log.raw_event_data, '$.data' || '."' || replace(nullif(rules.where_property, ''), '.', '"."') || '"'),
        json_extract_string(events_log.raw_event_data, '$' || '."' || replace(nullif(rules.where_property, ''), '.', '"."') || '"')
      ) = rules.where_value
    )
    and (
      (
        epoch_us(events_log.timestamp) >= epoch_us(test_exposure.first_at) + rules.from_seconds * 1000000
        and epoch_us(events_log.timestamp) < epoch_us(test_exposure.first_at) + rules.until_seconds * 1000000
      )
      or (
        rules.has_before
        and epoch_us(events_log.timestamp) < epoch_us(test_exposure.first_at)
        and epoch_us(events_log.timestamp) >= epoch_us(test_exposure.first_at) - cast($7 as bigint) * 1000000
      )
    )
),
amounts as (
  select
    unit_id,
    metric,
    role,
    is_after,
    case when per_event then event_id end as event_id,
    case
      when property = '' then 1.0
      when json_type(found) in ('UBIGINT', 'BIGINT', 'DOUBLE') then try_cast(found as double)
      else 0.0
    end as amount
  from happened
  where not per_event
    or property = ''
    or json_type(found) in ('UBIGINT', 'BIGINT', 'DOUBLE')
)
insert into test_unit_metric (
  site_id,
  test_id,
  unit_id,
  metric,
  after_value,
  after_denominator,
  before_value,
  before_denominator
)
select
  cast($1 as varchar),
  cast($2 as uuid),
  unit_id,
  metric,
  sum(case when is_after and role = 'n' then amount else 0 end),
  sum(case when is_after and role = 'd' then amount else 0 end),
  sum(case when not is_after and role = 'n' then amount else 0 end),
  sum(case when not is_after and role = 'd' then amount else 0 end)
from amounts
group by
  unit_id,
  metric,
  event_id;
