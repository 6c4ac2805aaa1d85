-- A row of the audit log.
--
-- Parameters
--   $1  id              int64
--   $2  made_at         timestamp
--   $3  account_id      int64
--   $4  actor_kind      text
--   $5  actor           text
--   $6  role            text
--   $7  action          text
--   $8  site_id         text
--   $9  target          text
--   $10 details         json
--   $11 status          int64
--   $12 client_address  text
--   $13 previous_hash   text
--   $14 hash            text
insert into audit_log (
  id, made_at, account_id, actor_kind, actor, role, action, site_id, target, details, status,
  client_address, previous_hash, hash
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);
