-- How far the tables go, and what became of the records before that.
--
-- Parameters
--   $1 position int64
--   $2 tick_ms int64
--   $3 arrival_ms int64
--   $4 names_from int64
--   $5 events int64
--   $6 counted int64
--   $7 duplicates int64
--   $8 bots int64
--   $9 performance int64
--   $10 late int64
--   $11 after_end int64
--   $12 erased int64
--   $13 damaged int64
--   $14 decisions int64
--   $15 other_records int64
--   $16 sessions int64
--   $17 sessions_given_up int64
--   $18 event_ids_given_up int64
--   $19 position_before int64   where they ended; no row changes when that is not so
update etl_cursor
set
  position = $1::bigint,
  tick_ms = $2::bigint,
  arrival_ms = $3::bigint,
  names_from = $4::bigint,
  events = $5::bigint,
  counted = $6::bigint,
  duplicates = $7::bigint,
  bots = $8::bigint,
  performance = $9::bigint,
  late = $10::bigint,
  after_end = $11::bigint,
  erased = $12::bigint,
  damaged = $13::bigint,
  decisions = $14::bigint,
  other_records = $15::bigint,
  sessions = $16::bigint,
  sessions_given_up = $17::bigint,
  event_ids_given_up = $18::bigint
where name = 'etl'
  and position = $19::bigint;
