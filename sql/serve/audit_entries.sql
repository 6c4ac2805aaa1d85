-- The audit log, newest first.
--
-- Parameters
--   $1 before  int64   only smaller ids; null: all
--   $2 limit   int64
-- Columns
--   id              int64
--   made_at         timestamp
--   account_id      int64
--   actor_kind      text
--   actor           text
--   role            text
--   action          text
--   site_id         text
--   target          text
--   details         json
--   status          int64
--   client_address  text
--   previous_hash   text
--   hash            text
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
  cast(status as bigint) as status,
  client_address,
  previous_hash,
  hash
from audit_log
where cast($1 as bigint) is null
  or id < $1
order by id desc
limit $2;
