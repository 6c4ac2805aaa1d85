-- Sets a site's rules for Gorse's API.
--
-- Parameters
--   $1 site_id         text
--   $2 feedback_kinds  json
--   $3 unknown_ids     text       create or reject
--   $4 updated_at      timestamp
insert into gorse_site (site_id, feedback_kinds, unknown_ids, updated_at)
values ($1, $2, $3, $4)
on conflict (site_id) do update set
  feedback_kinds = excluded.feedback_kinds,
  unknown_ids = excluded.unknown_ids,
  updated_at = excluded.updated_at;
