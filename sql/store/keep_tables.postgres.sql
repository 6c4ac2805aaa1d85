-- Copies of tables with rows, in a schema of their own that only its owner reads. Whoever takes tables
-- back owns them, so no policy hides a row from the copy.
--
-- Parameters
--   $1 schema text   to make
--   $2 tables text   names with commas between
select
  set_config('attune.keep_schema', $1::text, true),
  set_config('attune.keep_tables', $2::text, true);
do $$
declare
  keep text := current_setting('attune.keep_schema');
  name text;
  forced boolean;
  filled boolean;
begin
  foreach name in array string_to_array(current_setting('attune.keep_tables'), ',') loop
    select relforcerowsecurity into forced from pg_class where oid = to_regclass(quote_ident(name));
    continue when not found;
    if forced then
      execute format('alter table %I no force row level security', name);
    end if;
    execute format('select exists (select from %I)', name) into filled;
    if filled then
      execute format('create schema if not exists %I', keep);
      execute format('create table %I.%I as table %I', keep, name, name);
    end if;
    if forced then
      execute format('alter table %I force row level security', name);
    end if;
  end loop;
end $$;
