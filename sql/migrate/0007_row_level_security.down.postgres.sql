-- Takes back 0007_row_level_security.up. The two roles go too, unless another database of the
-- server uses them.

-- As the login itself, which gets back what it handed over.
select set_config('role', 'none', false);

do $$
declare
  protected regclass;
begin
  for protected in
    select oid::regclass
    from pg_class
    where relnamespace = current_schema()::regnamespace
      and relkind in ('r', 'p')
      and relrowsecurity
  loop
    execute format('drop policy if exists tenant on %s', protected);
    execute format('alter table %s disable row level security', protected);
    execute format('alter table %s no force row level security', protected);
  end loop;
end $$;

drop function attune_protect(regclass, name, boolean);

do $$
declare
  schema name := current_schema();
begin
  if not exists (
    select from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)
  ) then
    reassign owned by attune_etl to current_user;
  end if;
  execute format(
    'alter default privileges in schema %I revoke all on tables from attune_etl', schema);
  execute format(
    'alter default privileges in schema %I revoke all on sequences from attune_etl', schema);
  execute format('revoke all on all tables in schema %I from attune_app, attune_etl', schema);
  execute format('revoke all on all sequences in schema %I from attune_app, attune_etl', schema);
  execute format('revoke usage on schema %I from attune_app, attune_etl', schema);
  begin
    drop role attune_app;
    drop role attune_etl;
  exception
    when dependent_objects_still_exist or insufficient_privilege then
      null;
  end;
end $$;
