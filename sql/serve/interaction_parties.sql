-- Who and what an interaction that is named by numbers is between.
--
-- Parameters
--   $1 site_id    text
--   $2 user_id    int64
--   $3 product_id int64
-- Columns
--   person    text   its external id; null: there is none
--   is_known  bool   it is a user id of the shop
--   product   text   its external id; null: there is none
select
  (
    select max(external_id)
    from users
    where site_id = $1
      and id = $2
  ) as person,
  (
    select max(case when is_known then 1 else 0 end) = 1
    from users
    where site_id = $1
      and id = $2
  ) as is_known,
  (
    select max(external_id)
    from product
    where site_id = $1
      and id = $3
  ) as product;
