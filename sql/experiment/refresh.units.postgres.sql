-- Who counts: fresh people with one variation of the test, exposed while it ran, that were never seen as
-- bots. The day of a person is that of the first exposure, in UTC.
--
-- Parameters
--   $1 site_id     text
--   $2 test_id     uuid
--   $3 first_unit  int64      of the people alone whose unit_id is from here
--   $4 last_unit   int64      to here
--   $5 variations  text       ids, with the unit separator (chr 31) between
--   $6 started_at  timestamp
--   $7 ended_at    timestamp  null: it runs
--   $8 bots_since  timestamp  who was a bot earlier is forgiven
--   $9 by_user     bool       users were bucketed, not visitors
delete from test_unit_metric
where site_id = $1
  and test_id = $2
  and unit_id between cast($3 as bigint) and cast($4 as bigint)
  and unit_id in (
    select unit_id
    from test_scope
    where site_id = $1
      and is_fresh
      and unit_id between cast($3 as bigint) and cast($4 as bigint)
  );

delete from test_unit
where site_id = $1
  and test_id = $2
  and unit_id between cast($3 as bigint) and cast($4 as bigint)
  and unit_id in (
    select unit_id
    from test_scope
    where site_id = $1
      and is_fresh
      and unit_id between cast($3 as bigint) and cast($4 as bigint)
  );

insert into test_unit (
  site_id,
  test_id,
  unit_id,
  variation_id,
  cohort_day,
  attributes
)
select
  test_exposure.site_id,
  cast($2 as uuid),
  test_exposure.unit_id,
  test_exposure.variation_id,
  date '1970-01-01' + cast(floor(extract(epoch from test_exposure.first_at) / 86400) as integer),
  test_exposure.attributes
from test_scope
inner join test_exposure on test_exposure.site_id = test_scope.site_id
  and test_exposure.unit_id = test_scope.unit_id
where test_scope.site_id = $1
  and test_scope.is_fresh
  and test_scope.unit_id between cast($3 as bigint) and cast($4 as bigint)
  and test_exposure.unit_id between cast($3 as bigint) and cast($4 as bigint)
  and not test_exposure.is_mixed
  and test_exposure.variation_id in (select unnest(string_to_array($5, chr(31))))
  and test_exposure.first_at >= $6
  and (cast($7 as timestamptz) is null or test_exposure.first_at < cast($7 as timestamptz))
  and test_exposure.visitor_id not in (
    select case when cast($9 as boolean) then events_log.user_id else events_log.visitor_id end
    from events_log
    where events_log.site_id = $1
      and events_log.is_bot
      and events_log.timestamp >= $8
      and case when cast($9 as boolean) then events_log.user_id else events_log.visitor_id end
        is not null
  );
