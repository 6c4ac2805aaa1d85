-- Changes what is given of a user, whom it makes where only events named the user so far.
--
-- Parameters
--   $1 site_id      text
--   $2 user_id      text
--   $3 has_labels   bool
--   $4 labels       json
--   $5 has_comment  bool
--   $6 comment      text
--   $7 updated_at   timestamp
insert into gorse_user (site_id, user_id, labels, comment, deleted_at, updated_at)
values ($1, $2, cast($4 as json), $6, null, $7)
on conflict (site_id, user_id) do update set
  labels = case when cast($3 as boolean) then excluded.labels else gorse_user.labels end,
  comment = case when cast($5 as boolean) then excluded.comment else gorse_user.comment end,
  updated_at = excluded.updated_at;
