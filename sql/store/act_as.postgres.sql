-- From here to the end of the transaction, the rights of attune_app and the rows of one tenant.
--
-- Parameters
--   $1 site     text   null: no site's rows
--   $2 account  int64  null: no account's rows
-- Columns
--   role
--   site
--   account
select
  set_config('role', 'attune_app', true) as role,
  set_config('attune.site_id', coalesce($1, ''), true) as site,
  set_config('attune.account_id', coalesce(cast(cast($2 as bigint) as text), ''), true) as account;
