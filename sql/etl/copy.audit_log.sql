-- Every row of audit_log, which no replay can make.
--
-- Columns
--   id
--   made_at
--   account_id
--   actor_kind
--   actor
--   role
--   action
--   site_id
--   target
--   details
--   status
--   client_address
--   previous_hash
--   hash
select
  id,
  made_at,
  account_id,
  actor_kind,
  actor,
  role,
  action,
  site_id,
  target,
  details,
  status,
  client_address,
  previous_hash,
  hash
from audit_log;
