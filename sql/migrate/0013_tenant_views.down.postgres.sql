-- Takes back 0013_tenant_views.up.

do $$
declare
  object record;
begin
  for object in
    select
      oid::regclass as name,
      relkind
    from pg_class
    where relnamespace = current_schema()::regnamespace
      and (
        relkind = 'v' and 'security_invoker=true' = any (reloptions)
        or relkind in ('r', 'p') and relrowsecurity and (
          not exists (select from pg_policy where polrelid = pg_class.oid)
          or relname in (
            'site_retention', 'erased_person', 'retention_mark', 'archive_file', 'graph_edges'
          )
        )
      )
  loop
    if object.relkind = 'v' then
      execute format('alter view %s reset (security_invoker)', object.name);
      execute format('revoke all on %s from attune_app', object.name);
    else
      execute format('drop policy if exists tenant on %s', object.name);
      execute format('revoke all on %s from attune_app', object.name);
      execute format('alter table %s disable row level security', object.name);
      execute format('alter table %s no force row level security', object.name);
    end if;
  end loop;
end $$;
