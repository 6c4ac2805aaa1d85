-- What came after row-level security: tables of later migrations are bound to their tenant, all
-- other tables are closed to whoever is bound, and views ask with the rights of who asks them.

select attune_protect(name::regclass, 'site_id')
from (
  values
    ('site_retention'),
    ('erased_person'),
    ('retention_mark'),
    ('archive_file'),
    ('graph_edges')
) as tables (name)
where to_regclass(name) is not null;

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
      and not relispartition
      and relname not like 'schema\_migrations%'
      and (relkind = 'v' or relkind in ('r', 'p') and not relrowsecurity)
      and not exists (
        select from pg_depend
        where classid = 'pg_class'::regclass
          and objid = pg_class.oid
          and deptype = 'e'
      )
  loop
    if object.relkind = 'v' then
      execute format('alter view %s set (security_invoker = true)', object.name);
      execute format('grant select on %s to attune_app', object.name);
    else
      execute format('alter table %s enable row level security', object.name);
      execute format('alter table %s force row level security', object.name);
    end if;
  end loop;
end $$;
