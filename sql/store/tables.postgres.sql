-- Every table that holds rows of ours, but the record of migrations. Tables that others refer to come
-- before those.
--
-- Columns
--   name  text
with recursive tables as (
  select
    oid,
    relname::text as name
  from pg_class
  where relnamespace = to_regnamespace(quote_ident(current_schema()))
    and relkind in ('r', 'p')
    and not relispartition
    and relname not like 'schema\_migrations%'
),

depths as (
  select
    oid,
    0 as depth
  from tables
  union
  select
    pg_constraint.conrelid,
    depths.depth + 1
  from depths
  inner join pg_constraint on pg_constraint.confrelid = depths.oid
  where pg_constraint.contype = 'f'
    and pg_constraint.conrelid <> pg_constraint.confrelid
    and depths.depth < 30
)

select tables.name
from tables
inner join depths on depths.oid = tables.oid
group by tables.name
order by
  max(depths.depth),
  tables.name;
