-- Marks a user as deleted: the row stays, so that one whom events named is not listed either.
--
-- Parameters
--   $1 site_id     text
--   $2 user_id     text
--   $3 deleted_at  timestamp
insert into gorse_user (site_id, user_id, labels, comment, deleted_at, updated_at)
values ($1, $2, null, '', $3, $3)
on conflict (site_id, user_id) do update set
  labels = null,
  comment = '',
  deleted_at = excluded.deleted_at,
  updated_at = excluded.updated_at;
