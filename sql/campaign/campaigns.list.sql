-- Rows of campaigns of an account, newest first.
--
-- Parameters
--   $1 user_id int64    the account
--   $2 limit   int64
--   $3 offset  int64
-- Columns
--   id
--   user_id
--   name
--   description
--   objective
--   platform
--   status
--   budget
--   currency
--   start_date
--   end_date
--   created_at
--   updated_at
select
  id,
  user_id,
  name,
  description,
  objective,
  platform,
  status,
  budget,
  currency,
  start_date,
  end_date,
  created_at,
  updated_at
from campaigns
where user_id = $1
order by created_at desc, id
limit $2 offset $3;
