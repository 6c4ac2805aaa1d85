-- Writes one row of campaigns anew, if it is the account's.
--
-- Parameters
--   $1  user_id     int64
--   $2  id          uuid
--   $3  name        text
--   $4  description text
--   $5  objective   text
--   $6  platform    text
--   $7  status      text
--   $8  budget      double
--   $9  currency    text
--   $10 start_date  date
--   $11 end_date    date
--   $12 updated_at  timestamp
update campaigns
set
  name = $3,
  description = $4,
  objective = $5,
  platform = $6,
  status = $7,
  budget = $8,
  currency = $9,
  start_date = $10,
  end_date = $11,
  updated_at = $12
where user_id = $1
  and id = $2;
