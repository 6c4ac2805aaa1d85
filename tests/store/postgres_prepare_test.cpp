// The migrations on a real PostgreSQL, up and down, and what they make beside what DuckDB has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "store/duckdb/duckdb_session.h"
#include "store/migrate.h"
#include "postgres_cluster.h"
#include "test_store.h"

namespace attune::store {
namespace {

std::string migrations_script(const SqlCatalog& catalog, bool up) {
  std::vector<Migration> all = must(migrations(catalog));
  if (!up) std::ranges::reverse(all);
  std::ostringstream script;
  for (const Migration& migration : all) {
    script << "\\warn >>> " << (up ? migration.up : migration.down)->file_name << "\nbegin;\n"
           << (up ? migration.up : migration.down)->text << "\ncommit;\n";
  }
  return script.str();
}

// Lines psql wrote after a ">>> file" marker that are no notices.
std::vector<std::string> complaints(const std::string& output) {
  std::vector<std::string> found;
  std::istringstream lines(output);
  std::string file;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(">>> ")) file = line.substr(4);
    else if (line.find("ERROR") != std::string::npos) found.push_back(file + ": " + line);
  }
  return found;
}

// Tables that exist for one engine's sake, or hold state of the ETL: nobody else reads them.
bool is_internal(std::string_view table) {
  for (const std::string_view part : {"hot_", "_hot", "_cold"}) {
    if (table.find(part) != std::string_view::npos) return true;
  }
  return table.starts_with("recommendation_") || table == "extension_choice" ||
         table.starts_with("user_product_interactions_") ||   // partitions
         (table.starts_with("etl_") && table != "etl_dirty_days");
}

// "table.column" of all other tables and views.
std::vector<std::string> columns_of(const std::vector<std::pair<std::string, std::string>>& all) {
  std::vector<std::string> names;
  for (const auto& entry : all) {
    // Where user_sessions is a view, this one stays behind it.
    if (is_internal(entry.first) || entry.second == "lead_at") continue;
    names.push_back(entry.first + "." + entry.second);
  }
  std::ranges::sort(names);
  return names;
}

TEST(PostgresSchemaTest, HasTheSameTablesAndColumnsAsDuckdb) {
  const std::string binaries = newest_postgres();
  if (binaries.empty()) GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
  Cluster cluster(binaries);
  ASSERT_FALSE(HasFailure());
  const SqlCatalog catalog(Engine::postgres);

  // What this test looks for does show when it is there.
  EXPECT_EQ(complaints(cluster.feed("\\warn >>> a\nprepare p as select nonsense;\n").output).size(),
            1U);

  const std::string record = std::string(must(catalog.find("store/migrations_create"))->text);
  EXPECT_THAT(complaints(cluster.feed(record + migrations_script(catalog, true)).output),
              testing::IsEmpty());

  // The same tables with the same columns as on DuckDB.
  const Outcome listed = cluster.feed(
      "select table_name || ' ' || column_name from information_schema.columns "
      "where table_schema = 'public';");
  std::vector<std::pair<std::string, std::string>> there;
  std::istringstream lines(listed.output);
  for (std::string table, column; lines >> table >> column;) there.emplace_back(table, column);
  const auto store = must(open_duckdb({}));
  must(store->migrate());
  const auto session = must(store->session());
  const Rows rows =
      must(session->query_text("select table_name, column_name from information_schema.columns "
                               "where table_schema = 'main'"));
  std::vector<std::pair<std::string, std::string>> here;
  for (const auto& row : rows.rows) {
    here.emplace_back(std::get<std::string>(row[0]), std::get<std::string>(row[1]));
  }
  std::vector<std::string> different;
  std::ranges::set_symmetric_difference(columns_of(there), columns_of(here),
                                        std::back_inserter(different));
  EXPECT_THAT(different, testing::IsEmpty());

  EXPECT_THAT(complaints(cluster.feed(migrations_script(catalog, false)).output),
              testing::IsEmpty());
  EXPECT_EQ(cluster
                .feed("select count(*) from pg_class where relnamespace = 'public'::regnamespace "
                      "and relname not like 'schema_migrations%';")
                .output,
            "0\n");
}

}  // namespace
}  // namespace attune::store
