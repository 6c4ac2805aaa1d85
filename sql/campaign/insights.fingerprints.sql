-- What an account has been told already.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   fingerprint  text
select fingerprint
from learning_insights
where user_id = $1
order by fingerprint;
