-- How long rows of a site's table stay.
--
-- Parameters
--   $1 site_id             text
--   $2 table_name          text
--   $3 archive_after_days  int64       null: never
--   $4 delete_after_days   int64       null: never
--   $5 updated_at          timestamp
insert into site_retention (
  site_id, table_name, archive_after_days, delete_after_days, updated_at
)
values (
  $1, $2, cast(cast($3 as bigint) as integer), cast(cast($4 as bigint) as integer), $5
)
on conflict (site_id, table_name) do update
set
  archive_after_days = excluded.archive_after_days,
  delete_after_days = excluded.delete_after_days,
  updated_at = excluded.updated_at;
