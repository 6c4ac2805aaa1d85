-- Changes what is given of an item.
--
-- Parameters
--   $1 site_id         text
--   $2 item_id         text
--   $3 hidden          bool       null: as it is, like all that follow
--   $4 categories      json
--   $5 first           text       of the categories, cut; read where they are given
--   $6 published       timestamp
--   $7 labels          json
--   $8 comment         text
--   $9 name            text       the comment, cut; read where it is given
--   $10 updated_at     timestamp
update product set
  hidden = coalesce($3, hidden),
  categories = coalesce(cast($4 as json), categories),
  category = case when cast($4 as varchar) is null then category else nullif($5, '') end,
  published_at = coalesce($6, published_at),
  labels = coalesce(cast($7 as json), labels),
  comment = coalesce($8, comment),
  name = case
    when cast($8 as varchar) is null then name
    when name is null or starts_with(comment, name) then nullif($9, '')
    else name
  end,
  source = 'catalogue',
  updated_at = $10
where site_id = $1
  and external_id = $2
  and deleted_at is null;
