#include "sources/facts.h"

#include <gtest/gtest.h>

#include "store/test_store.h"

namespace attune::sources {
namespace {

constexpr const char* kDuckdbFacts = R"(
with own_columns as (
  select * from duckdb_columns() where not internal and schema_name = 'main'
)
select table_name || ' kind' as name, 'table' as fact from duckdb_tables() where not internal
union all
select view_name || ' kind', 'view' from duckdb_views() where not internal
union all
select table_name || '.' || column_name, lower(data_type) from own_columns
union all
select table_name || '.' || column_name || ' null', case when is_nullable then 'yes' else 'no' end
from own_columns
union all
select table_name || '.' || column_name || ' default',
  case when column_default like 'nextval(%' then 'nextval' else column_default end
from own_columns
where column_default is not null
union all
select table_name || ' ' || constraint_text, 'yes' from duckdb_constraints()
where constraint_type <> 'NOT NULL'
union all
select 'index ' || index_name, rtrim(substr(sql, position(' ON ' in sql) + 4), ';')
from duckdb_indexes()
union all
select 'type ' || lower(type_name), array_to_string(labels, ', ') from duckdb_types()
where not internal and labels is not null
union all
select 'comment on ' || table_name, comment from duckdb_tables() where comment is not null
union all
select 'comment on ' || table_name || '.' || column_name, comment from own_columns
where comment is not null
)";

constexpr const char* kPostgresFacts = R"(
with relations as (
  select oid, relname::text as name, relkind from pg_class
  where relnamespace = 'public'::regnamespace and not relispartition
),
own_columns as (
  select relations.name || '.' || attname::text as name, pg_attribute.*
  from pg_attribute join relations on relations.oid = attrelid
  where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v')
)
select name || ' kind' as name, case relkind when 'v' then 'view' else 'table' end as fact
from relations where relkind in ('r', 'p', 'v')
union all
select name, format_type(atttypid, atttypmod) from own_columns
union all
select name || ' null', case when attnotnull then 'no' else 'yes' end from own_columns
union all
select name || ' default', case when pg_get_expr(adbin, adrelid) like 'nextval(%' then 'nextval'
  else pg_get_expr(adbin, adrelid) end
from own_columns join pg_attrdef on adrelid = attrelid and adnum = attnum
union all
select relations.name || ' ' || case contype when 'f' then conname || ' ' else '' end
  || pg_get_constraintdef(pg_constraint.oid), 'yes'
from pg_constraint join relations on relations.oid = conrelid
union all
select 'index ' || relations.name,
  regexp_replace(pg_get_indexdef(oid), '^.* ON (ONLY )?(public\.)?', '')
from relations where relkind in ('i', 'I')
  and not exists (select from pg_constraint where conindid = relations.oid)
union all
select name || ' text', regexp_replace(pg_get_viewdef(oid), '\s+', ' ', 'g')
from relations where relkind = 'v'
union all
select 'type ' || typname, string_agg(enumlabel, ', ' order by enumsortorder)
from pg_type join pg_enum on enumtypid = pg_type.oid group by typname
union all
select 'comment on ' || relations.name || coalesce('.' || attname, ''), description
from pg_description join relations on relations.oid = objoid
left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0
)";

constexpr std::size_t kSpelledOutMax = 120;

std::string difference(const std::string& theirs, const std::string* ours) {
  if (!ours) return "none";
  const std::string both = *ours + " for " + theirs;
  return both.size() <= kSpelledOutMax ? both : "other";
}

/// A view has the columns of a table, but neither their defaults nor constraints.
bool beside_the_point(const std::string& name, const Facts& theirs, const Facts& ours) {
  const std::string table = name.substr(0, name.find_first_of(". "));
  const auto kind = ours.find(table + " kind");
  const auto their_kind = theirs.find(table + " kind");
  if (kind == ours.end() || kind->second != "view") return false;
  if (their_kind == theirs.end() || their_kind->second != "table") return false;
  return name.ends_with(" null") || name.ends_with(" default") || name.ends_with(")");
}

}  // namespace

Facts facts_of(store::Session& session) {
  const bool on_duckdb = session.engine() == store::Engine::duckdb;
  const auto answer =
      store::must(session.query_text(on_duckdb ? kDuckdbFacts : kPostgresFacts));
  Facts facts;
  for (const auto& row : answer.rows) {
    facts[std::get<std::string>(row[0])] = std::get<std::string>(row[1]);
  }
  return facts;
}

std::vector<std::string> deviations_of(const Facts& theirs, const Facts& ours) {
  std::vector<std::string> lines;
  for (const auto& [name, fact] : theirs) {
    const auto found = ours.find(name);
    if (found != ours.end() && found->second == fact) continue;
    if (beside_the_point(name, theirs, ours)) continue;
    lines.push_back(name + ": " + difference(fact, found == ours.end() ? nullptr : &found->second));
  }
  return lines;
}

}  // namespace attune::sources
