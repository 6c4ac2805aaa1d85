-- Every object of the schema as a statement, in order of kind and name: what sql/schema.postgres.sql
-- holds. Partitions are left out (which there are depends on the date), and what belongs to extensions.
--
-- Columns
--   kind       text   "table"
--   name       text
--   statement  text
with
here as (
  select to_regnamespace(quote_ident(current_schema()))::oid as namespace
),
foreign_objects as (
  select
    classid,
    objid
  from pg_depend
  where deptype = 'e'
),
relations as (
  select
    pg_class.oid,
    pg_class.relname::text as name,
    pg_class.relkind as kind,
    pg_class.relrowsecurity,
    pg_class.relforcerowsecurity
  from pg_class
  inner join here on here.namespace = pg_class.relnamespace
  where not pg_class.relispartition
    and not exists (
      select 1
      from foreign_objects
      where foreign_objects.classid = 'pg_class'::regclass
        and foreign_objects.objid = pg_class.oid
    )
),
tables as (
  select
    relations.oid,
    relations.name,
    format('create table %I (', relations.name) || chr(10)
      || string_agg(
        format('  %I %s', columns.attname, format_type(columns.atttypid, columns.atttypmod))
          || coalesce(
            case when columns.attgenerated = 's' then ' generated always as ' else ' default ' end
              || pg_get_expr(defaults.adbin, defaults.adrelid), ''
          )
          || case when columns.attnotnull then ' not null' else '' end,
        ',' || chr(10)
        order by columns.attnum
      )
      || chr(10) || ')'
      || coalesce(' partition by ' || pg_get_partkeydef(relations.oid), '') as statement
  from relations
  inner join pg_attribute as columns
    on columns.attrelid = relations.oid
    and columns.attnum > 0
    and not columns.attisdropped
  left join pg_attrdef as defaults
    on defaults.adrelid = relations.oid
    and defaults.adnum = columns.attnum
  where relations.kind in ('r', 'p')
  group by relations.oid, relations.name
),
objects (rank, kind, name, statement) as (
  select
    1,
    'type',
    pg_type.typname::text,
    format('create type %I as enum (', pg_type.typname)
      || string_agg(quote_literal(pg_enum.enumlabel), ', ' order by pg_enum.enumsortorder) || ')'
  from pg_type
  inner join here on here.namespace = pg_type.typnamespace
  inner join pg_enum on pg_enum.enumtypid = pg_type.oid
  group by pg_type.typname
  union all
  select
    2,
    'sequence',
    relations.name,
    format('create sequence %I start %s', relations.name, pg_sequence.seqstart)
  from relations
  inner join pg_sequence on pg_sequence.seqrelid = relations.oid
  union all
  select
    3,
    'table',
    name,
    statement
  from tables
  union all
  select
    4,
    'constraint',
    relations.name || '.' || pg_constraint.conname,
    format('alter table %I add constraint %I ', relations.name, pg_constraint.conname)
      || pg_get_constraintdef(pg_constraint.oid)
  from pg_constraint
  inner join relations on relations.oid = pg_constraint.conrelid
  where pg_constraint.contype in ('p', 'u', 'f', 'c', 'x')
    and pg_constraint.conparentid = 0
  union all
  select
    5,
    'index',
    relations.name,
    pg_get_indexdef(relations.oid) || case when pg_index.indisvalid then '' else ' -- invalid' end
  from relations
  inner join pg_index on pg_index.indexrelid = relations.oid
  where not exists (
    select 1
    from pg_constraint
    where pg_constraint.conindid = relations.oid
      and pg_constraint.contype in ('p', 'u', 'x')
  )
  union all
  -- Without layout and qualifiers: versions of PostgreSQL differ in both.
  select
    6,
    'view',
    relations.name,
    format('create view %I%s as', relations.name,
      coalesce((
        select ' with (' || array_to_string(pg_class.reloptions, ', ') || ')'
        from pg_class
        where pg_class.oid = relations.oid
      ), ''))
      || rtrim(regexp_replace(
        regexp_replace(pg_get_viewdef(relations.oid), '\m[a-z_]+\.(?=[a-z_])', '', 'g'),
        '\s+', ' ', 'g'
      ), '; ')
  from relations
  where relations.kind in ('v', 'm')
  union all
  select
    7,
    'function',
    format('%s(%s)', pg_proc.proname, pg_get_function_identity_arguments(pg_proc.oid)),
    rtrim(pg_get_functiondef(pg_proc.oid), chr(10))
  from pg_proc
  inner join here on here.namespace = pg_proc.pronamespace
  where pg_proc.prokind in ('f', 'p')
    and not exists (
      select 1
      from foreign_objects
      where foreign_objects.classid = 'pg_proc'::regclass
        and foreign_objects.objid = pg_proc.oid
    )
  union all
  select
    8,
    'trigger',
    relations.name || '.' || pg_trigger.tgname,
    pg_get_triggerdef(pg_trigger.oid)
  from pg_trigger
  inner join relations on relations.oid = pg_trigger.tgrelid
  where not pg_trigger.tgisinternal
  union all
  select
    9,
    'row security',
    name,
    format('alter table %I enable row level security', name)
      || case when relforcerowsecurity then ', force row level security' else '' end
  from relations
  where relrowsecurity
  union all
  select
    10,
    'policy',
    policies.tablename || '.' || policies.policyname,
    format(
      'create policy %I on %I as %s for %s to %s', policies.policyname, policies.tablename,
      policies.permissive, policies.cmd, array_to_string(policies.roles, ', ')
    )
      || coalesce(' using (' || policies.qual || ')', '')
      || coalesce(' with check (' || policies.with_check || ')', '')
  from pg_policies as policies
  inner join relations on relations.name = policies.tablename
  where policies.schemaname = current_schema()
  union all
  select
    11,
    'comment',
    relations.name || coalesce('.' || columns.attname, ''),
    format(
      'comment on %s %I%s is %L',
      case when columns.attname is not null then 'column' when relations.kind in ('v', 'm') then 'view'
        when relations.kind in ('i', 'I') then 'index' else 'table' end,
      relations.name, coalesce('.' || quote_ident(columns.attname), ''), pg_description.description
    )
  from pg_description
  inner join relations on relations.oid = pg_description.objoid
  left join pg_attribute as columns
    on columns.attrelid = relations.oid
    and columns.attnum = pg_description.objsubid
    and pg_description.objsubid > 0
  where pg_description.classoid = 'pg_class'::regclass
)
select
  kind,
  name,
  replace(statement, quote_ident(current_schema()) || '.', '') as statement
from objects
order by rank, name collate "C", statement collate "C";
