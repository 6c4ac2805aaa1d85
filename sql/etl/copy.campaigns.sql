-- Every row of campaigns, which people edit and no replay can make.
--
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
from campaigns;
