-- Notes what was taken out, so that a replay leaves it away. A mark that a newer one covers goes.
--
-- Parameters
--   $1 site_id     text
--   $2 table_name  text
--   $3 action      text        removed or archived
--   $4 before_at   timestamp   rows earlier than this
--   $5 before_id   int64       and of a lesser id
--   $6 row_count   int64
--   $7 updated_at  timestamp
insert into retention_mark (
  site_id, table_name, action, before_at, before_id, row_count, updated_at
)
select
  cast($1 as varchar),
  cast($2 as varchar),
  cast($3 as varchar),
  cast($4 as timestamptz),
  cast($5 as bigint),
  cast($6 as bigint) + coalesce(cast(sum(row_count) as bigint), 0),
  cast($7 as timestamptz)
from retention_mark
where site_id = $1
  and table_name = $2
  and action = $3
  and before_at <= $4
  and before_id <= $5
on conflict (site_id, table_name, action, before_at, before_id) do update
set
  row_count = excluded.row_count,
  updated_at = excluded.updated_at;

delete from retention_mark
where site_id = $1
  and table_name = $2
  and action = $3
  and before_at <= $4
  and before_id <= $5
  and not (before_at = $4 and before_id = $5);
