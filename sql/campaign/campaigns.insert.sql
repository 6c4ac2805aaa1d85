-- Adds a row to campaigns.
--
-- Parameters
--   $1  id          uuid
--   $2  user_id     int64
--   $3  name        text
--   $4  description text
--   $5  objective   text
--   $6  platform    text
--   $7  status      text
--   $8  budget      double
--   $9  currency    text
--   $10 start_date  date
--   $11 end_date    date
--   $12 created_at  timestamp
--   $13 updated_at  timestamp
insert into campaigns (
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
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
);
