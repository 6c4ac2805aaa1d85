-- Stores a slot whole.
--
-- Parameters
--   $1 site_id        text
--   $2 slot_key       text
--   $3 user_id        int64
--   $4 templates      json
--   $5 policy         text
--   $6 floor_share    double
--   $7 holdout_share  double
--   $8 is_enabled     bool
--   $9 updated_at     timestamp
insert into content_slot (
  site_id,
  slot_key,
  user_id,
  templates,
  policy,
  floor_share,
  holdout_share,
  is_enabled,
  created_at,
  updated_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
on conflict (site_id, slot_key) do update set
  user_id = excluded.user_id,
  templates = excluded.templates,
  policy = excluded.policy,
  floor_share = excluded.floor_share,
  holdout_share = excluded.holdout_share,
  is_enabled = excluded.is_enabled,
  updated_at = excluded.updated_at;
