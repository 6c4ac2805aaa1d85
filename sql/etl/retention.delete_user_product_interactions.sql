-- Removes interactions of a site that are too old.
--
-- Parameters
--   $1 site_id     text
--   $2 before_at   timestamp
--   $3 before_id   int64       those of the journal from this position on stay for the next time
--   $4 foreign_id  int64       rows with this number or a greater one go too
delete from user_product_interactions
where site_id = $1
  and timestamp < $2
  and (id < $3 or id >= $4);
