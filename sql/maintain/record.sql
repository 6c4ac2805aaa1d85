-- Notes that upkeep ran.
--
-- Parameters
--   $1 period       text
--   $2 started_at   timestamp
--   $3 finished_at  timestamp
--   $4 succeeded    bool
--   $5 detail       json        what it did, or what went wrong
insert into maintenance_run (period, started_at, finished_at, succeeded, detail)
values ($1, $2, $3, $4, $5)
on conflict (period) do update
set
  started_at = excluded.started_at,
  finished_at = excluded.finished_at,
  succeeded = excluded.succeeded,
  detail = excluded.detail;
