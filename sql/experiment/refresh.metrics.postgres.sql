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
  select *
  from jsonb_to_recordset(cast($9 as jsonb)) as rule (
    metric text,
    role text,
    event text,
    property text,
    pattern text,
    where_property text,
    where_value text,
    from_seconds bigint,
    until_seconds bigint,
    is_proportion boolean,
    has_before boolean,
    cap double precision,
    per_event boolean
  )
),
happened as (
  select
    test_scope.unit_id,
    rules.metric,
    rules.role,
    rules.property,
    rules.per_event,
    events_log.id as event_id,
    events_log.timestamp >= test_exposure.first_at as is_after,
    coalesce(
      events_log.raw_event_data #> array_prepend('data', string_to_array(rules.property, '.')),
      events_log.raw_event_data #> string_to_array(rules.property, '.')
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
        events_log.raw_event_data
          #>> array_prepend('data', string_to_array(rules.where_property, '.')),
        events_log.raw_event_data #>> string_to_array(rules.where_property, '.')
      ) = rules.where_value
    )
    and (
      (
        events_log.timestamp >= test_exposure.first_at + rules.from_seconds * interval '1 second'
        and events_log.timestamp < test_exposure.first_at + rules.until_seconds * interval '1 second'
      )
      or (
        rules.has_before
        and events_log.timestamp < test_exposure.first_at
        and events_log.timestamp >= test_exposure.first_at - cast($7 as bigint) * interval '1 second'
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
      when jsonb_typeof(found) = 'number' then cast(found as double precision)
      else 0.0
    end as amount
  from happened
  where not per_event
    or property = ''
    or jsonb_typeof(found) = 'number'
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
