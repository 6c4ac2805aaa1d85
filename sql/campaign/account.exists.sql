-- Whether there is such an account.
--
-- Parameters
--   $1 id int64
-- Columns
--   id
select id
from account
where id = $1;
