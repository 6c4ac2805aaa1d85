-- Whose numbers may have changed: people whose exposure is new or another one, or who turn out to be
-- bots (fresh: all of theirs is counted anew), and people with new events (those are added).
--
-- Parameters
--   $1 site_id         text
--   $2 test_id         uuid
--   $3 test_key        text
--   $4 from_position   int64   what lies before is counted
--   $5 until_position  int64
--   $6 by_user         bool    users were bucketed, not visitors
--   $7 events          text    names, with the unit separator (chr 31) between
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
  cast($2 as uuid),
  unit_id,
  true
from test_exposure
where site_id = $1
  and test_key = $3
  and changed_position >= cast($4 as bigint);

insert into test_scope (
  site_id,
  test_id,
  unit_id,
  is_fresh
)
select distinct
  test_exposure.site_id,
  cast($2 as uuid),
  test_exposure.unit_id,
  true
from events_log
inner join test_exposure on test_exposure.site_id = events_log.site_id
  and test_exposure.visitor_id
    = case when cast($6 as boolean) then events_log.user_id else events_log.visitor_id end
where events_log.site_id = $1
  and events_log.id >= cast($4 as bigint)
  and events_log.id < cast($5 as bigint)
  and events_log.is_bot
  and test_exposure.test_key = $3
  and test_exposure.changed_position < cast($4 as bigint);

insert into test_scope (
  site_id,
  test_id,
  unit_id,
  is_fresh
)
select distinct
  test_exposure.site_id,
  cast($2 as uuid),
  test_exposure.unit_id,
  false
from events_log
inner join test_exposure on test_exposure.site_id = events_log.site_id
  and test_exposure.visitor_id
    = case when cast($6 as boolean) then events_log.user_id else events_log.visitor_id end
where events_log.site_id = $1
  and events_log.id >= cast($4 as bigint)
  and events_log.id < cast($5 as bigint)
  and events_log.event_type in (select unnest(string_to_array($7, chr(31))))
  and not events_log.is_bot
  and not events_log.is_late
  and test_exposure.test_key = $3
  and test_exposure.changed_position < cast($4 as bigint)
  and test_exposure.unit_id not in (
    select unit_id
    from test_scope
    where site_id = $1
  );
