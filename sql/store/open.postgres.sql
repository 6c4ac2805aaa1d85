-- Run once on each connection: the forms in which values are read back, and a bound on what is left open.
set timezone = 'UTC';
set datestyle = 'ISO, YMD';
set intervalstyle = 'postgres';
set extra_float_digits = 1;
set client_min_messages = warning;
set lock_timeout = '30s';
set idle_in_transaction_session_timeout = '10min';
-- Where tenants are kept apart, a login that is bound by that works as attune_etl, which is not.
do $$
begin
  perform set_config('role', 'attune_etl', false)
  from pg_class
  inner join pg_roles on pg_roles.rolname = session_user
  where pg_class.oid = to_regclass('website')
    and pg_class.relforcerowsecurity
    and not pg_roles.rolsuper
    and not pg_roles.rolbypassrls
    and exists (
      select
      from pg_roles as etl
      where etl.rolname = 'attune_etl'
        and pg_has_role(session_user, etl.oid, 'member')
    );
end $$;
