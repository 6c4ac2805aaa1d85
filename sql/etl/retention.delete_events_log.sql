-- Removes raw events of a site that were taken in and came too long ago.
--
-- Parameters
--   $1 site_id    text
--   $2 before_at  timestamp   received before this
--   $3 before_id  int64       events of the journal from this position on stay for the next time
delete from events_log
where site_id = $1
  and created_at < $2
  and (id < $3 or id >= 4611686018427387904)
  and processed_at is not null;
