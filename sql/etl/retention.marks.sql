-- What was taken out of the tables.
--
-- Columns
--   site_id     text
--   table_name  text
--   action      text        removed or archived
--   before_at   timestamp   rows earlier than this
--   before_id   int64       and of a lesser id
--   row_count   int64
select
  site_id,
  table_name,
  action,
  before_at,
  before_id,
  row_count
from retention_mark
order by
  site_id,
  table_name,
  action,
  before_at;
