-- What stands against making tables here.
--
-- Columns
--   role       text
--   schema     text   where tables would go; null: nowhere
--   may_create bool
--   read_only  bool
--   standby    bool
select
  current_user::text as role,
  current_schema()::text as schema,
  coalesce(has_schema_privilege(quote_ident(current_schema()), 'create'), false) as may_create,
  current_setting('transaction_read_only')::boolean as read_only,
  pg_is_in_recovery() as standby;
