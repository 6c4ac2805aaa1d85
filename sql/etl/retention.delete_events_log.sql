-- Removes raw events of a site that were taken in and came too long ago.
--
-- Parameters
--   $1 site_id     text
--   $2 before_at   timestamp   received before this
--   $3 before_id   int64       events of the journal from this position on stay for the next time
--   $4 foreign_id  int64       rows with this number or a greater one go too
delete from events_log
where site_id = $1
  and created_at < $2
  and (id < $3 or id >= $4)
  and processed_at is not null;
