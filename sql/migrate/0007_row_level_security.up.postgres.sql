-- Rows of one tenant are seen and written only by who acts for that tenant (docs/postgresql.md,
-- "Tenants"). attune_app is bound by it: the tenant is in the settings attune.site_id (the text of
-- website.website_id) and attune.account_id (account.id); without them it sees nothing. attune_etl
-- is not bound: it writes for all. A login that is a superuser or has bypassrls stays as it is; any
-- other works as attune_etl from here on, which then owns everything.

do $$
declare
  wanted text := format(
    'create role attune_app nologin; create role attune_etl nologin bypassrls; '
    'grant attune_app, attune_etl to %I; grant create, usage on schema %I to attune_etl;',
    current_user, current_schema());
begin
  begin
    if not exists (select from pg_roles where rolname = 'attune_app') then
      create role attune_app nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'attune_etl') then
      create role attune_etl nologin bypassrls;
    end if;
  exception when insufficient_privilege then
    raise exception 'role % may not make the roles that keep tenants apart. A superuser has to run '
      'first: %', current_user, wanted using errcode = 'insufficient_privilege';
  end;
  if exists (select from pg_roles where rolname = 'attune_app' and (rolsuper or rolbypassrls)) then
    raise exception 'role attune_app must not see past row-level security. A superuser has to run '
      'first: alter role attune_app nosuperuser nobypassrls;'
      using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from pg_roles where rolname = 'attune_etl' and rolbypassrls) then
    raise exception 'role attune_etl must see past row-level security. A superuser has to run '
      'first: alter role attune_etl bypassrls;' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from pg_roles where rolname = current_user and (rolsuper or rolbypassrls))
    and not (pg_has_role(current_user, 'attune_app', 'member')
      and pg_has_role(current_user, 'attune_etl', 'member')
      and has_schema_privilege('attune_etl', current_schema(), 'create'))
  then
    raise exception 'role % may not work as attune_app and attune_etl. A superuser has to run '
      'first: %', current_user, wanted using errcode = 'insufficient_privilege';
  end if;
end $$;

-- Binds the rows of a table to a tenant by a column: site_id (text) and website_id (uuid) hold a
-- site, the others an account. For later migrations too.
create function attune_protect(protected regclass, tenant name, granted boolean default true)
returns void
language plpgsql
as $$
declare
  mine text := case
    when tenant = 'site_id' then 'site_id = nullif(current_setting(''attune.site_id'', true), '''')'
    when tenant = 'website_id' then
      'website_id = cast(nullif(current_setting(''attune.site_id'', true), '''') as uuid)'
    else format(
      '%I = cast(nullif(current_setting(''attune.account_id'', true), '''') as bigint)', tenant)
  end;
begin
  execute format('alter table %s enable row level security', protected);
  execute format('alter table %s force row level security', protected);
  execute format(
    'create policy tenant on %s for all using (%s) with check (%s)', protected, mine, mine);
  if granted then
    execute format('grant select, insert, update, delete on %s to attune_app', protected);
  end if;
end $$;

do $$
declare
  role_name name;
begin
  foreach role_name in array array['attune_app', 'attune_etl'] loop
    if not has_schema_privilege(role_name, current_schema(), 'usage') then
      execute format('grant usage on schema %I to %I', current_schema(), role_name);
    end if;
  end loop;
end $$;

-- What holds hashes of passwords and keys is bound like the rest, but not attune_app's business.
select attune_protect(name::regclass, tenant, name not in ('account', 'login', 'api_key'))
from (
  values
    ('account', 'id'),
    ('login', 'account_id'),
    ('api_key', 'website_id'),
    ('website', 'site_id'),
    ('import_stream', 'website_id'),
    ('users', 'site_id'),
    ('product', 'site_id'),
    ('events_log', 'site_id'),
    ('user_sessions', 'site_id'),
    ('pageviews', 'site_id'),
    ('user_events', 'site_id'),
    ('form_submissions', 'site_id'),
    ('orders', 'site_id'),
    ('user_product_interactions', 'site_id'),
    ('daily_site_metrics', 'site_id'),
    ('etl_dirty_days', 'site_id'),
    ('recommendations', 'website_id'),
    ('ml_models', 'website_id'),
    ('user_profiles', 'website_id'),
    ('rl_model_metadata', 'site_id'),
    ('user_context_features', 'site_id'),
    ('campaigns', 'user_id'),
    ('campaign_stats_daily', 'user_id'),
    ('meta_user_profiles', 'user_id'),
    ('campaign_recommendations', 'user_id'),
    ('ab_tests', 'user_id'),
    ('test_variations', 'user_id'),
    ('test_results', 'user_id'),
    ('learning_insights', 'user_id'),
    ('performance_patterns', 'user_id'),
    ('content_templates', 'user_id'),
    ('personalized_content', 'user_id'),
    ('campaign_personalization_settings', 'user_id')
) as tables (name, tenant)
where to_regclass(name) is not null;

-- Only that it is there, which is asked before rows of an account are written.
grant select (id) on account to attune_app;

-- attune_etl may use what is there and what this login makes later; a login that is bound itself
-- hands over what it owns and works as attune_etl.
do $$
declare
  schema name := current_schema();
  object record;
begin
  execute format('grant all on all tables in schema %I to attune_etl', schema);
  execute format('grant all on all sequences in schema %I to attune_etl', schema);
  execute format('grant usage on all sequences in schema %I to attune_app', schema);
  execute format(
    'alter default privileges in schema %I grant all on tables to attune_etl', schema);
  execute format(
    'alter default privileges in schema %I grant all on sequences to attune_etl', schema);
  if exists (select from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)) then
    return;
  end if;
  for object in
    select
      case relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end as kind,
      pg_class.oid::regclass::text as name
    from pg_class
    where relnamespace = current_schema()::regnamespace
      and relkind in ('r', 'p', 'S', 'v')
      and pg_get_userbyid(relowner) = current_user
    union all
    select
      case prokind when 'p' then 'procedure' else 'function' end,
      oid::regprocedure::text
    from pg_proc
    where pronamespace = current_schema()::regnamespace
      and pg_get_userbyid(proowner) = current_user
    union all
    select
      'type',
      oid::regtype::text
    from pg_type
    where typnamespace = current_schema()::regnamespace
      and typtype = 'e'
      and pg_get_userbyid(typowner) = current_user
  loop
    execute format('alter %s %s owner to attune_etl', object.kind, object.name);
  end loop;
  perform set_config('role', 'attune_etl', false);
end $$;
