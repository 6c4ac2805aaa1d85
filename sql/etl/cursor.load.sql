-- How far the tables go. No row: nothing was ever read.
--
-- Columns
--   position int64
--   tick_ms int64
--   arrival_ms int64
--   names_from int64
--   events int64
--   counted int64
--   duplicates int64
--   bots int64
--   performance int64
--   late int64
--   after_end int64
--   erased int64
--   damaged int64
--   decisions int64
--   other_records int64
--   sessions int64
--   sessions_given_up int64
--   event_ids_given_up int64
select
  position,
  tick_ms,
  arrival_ms,
  names_from,
  events,
  counted,
  duplicates,
  bots,
  performance,
  late,
  after_end,
  erased,
  damaged,
  decisions,
  other_records,
  sessions,
  sessions_given_up,
  event_ids_given_up
from etl_cursor
where name = 'etl';
