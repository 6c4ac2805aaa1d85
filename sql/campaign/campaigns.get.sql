-- One row of campaigns, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
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
  and id = $2;
