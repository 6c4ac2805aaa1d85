-- Accounts that have no profile yet.
--
-- Columns
--   id
select a.id
from account a
where a.owner_id is null
  and not exists (select 1 from meta_user_profiles p where p.user_id = a.id)
order by a.id;
