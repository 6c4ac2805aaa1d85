// The schema and the common queries on a real PostgreSQL, long before an engine for it exists:
// dialect traps show while they are cheap. A cluster of its own in a temporary folder, on a Unix
// socket, run by `postgres` when we are root (it refuses root), stopped at the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "store/duckdb/duckdb_session.h"
#include "store/migrate.h"
#include "test_store.h"

namespace attune::store {
namespace {

struct Outcome {
  int status = 0;
  std::string output;   // both streams
};

Outcome run(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "cannot run " + command};
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    outcome.output.append(buffer, got);
  }
  outcome.status = WEXITSTATUS(pclose(pipe));
  return outcome;
}

std::string newest_postgres() {
  std::string newest;
  std::error_code ignored;
  for (const auto& each : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string folder = (each.path() / "bin").string();
    if (std::filesystem::exists(folder + "/initdb")) newest = std::max(newest, folder);
  }
  return newest;
}

class Cluster {
 public:
  explicit Cluster(std::string binaries) : binaries_(std::move(binaries)) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    const std::string data = (folder_.path() / "data").string();
    const Outcome made = as_owner(binaries_ + "/initdb -D " + data +
                                  " -U postgres -A trust -E UTF8 --locale=C --no-sync");
    EXPECT_EQ(made.status, 0) << made.output;
    const Outcome started =
        as_owner(binaries_ + "/pg_ctl -D " + data + " -w -t 60 -l " + data + "/out -o \"-k " +
                 folder_.path().string() + " -h '' -c fsync=off -c timezone=UTC\" start");
    EXPECT_EQ(started.status, 0) << started.output;
  }
  ~Cluster() {
    const std::string data = (folder_.path() / "data").string();
    as_owner(binaries_ + "/pg_ctl -D " + data + " -m immediate stop");
    as_owner("rm -rf " + data);
  }

  /// Feeds a script to psql; everything it says, notices and errors in order.
  Outcome feed(const std::string& script) {
    const std::string file = (folder_.path() / "script.sql").string();
    std::ofstream(file) << script;
    std::filesystem::permissions(file, std::filesystem::perms::all);
    return as_owner(binaries_ + "/psql -X -q -A -t -h " + folder_.path().string() +
                    " -U postgres -d postgres -f " + file);
  }

 private:
  static Outcome as_owner(const std::string& command) {
    if (geteuid() != 0) return run(command);
    return run("cd / && runuser -u postgres -- " + command);
  }

  std::string binaries_;
  TemporaryFolder folder_;
};

// PostgreSQL wants $1..$n without gaps, and a statement of a file may use only some of its
// parameters.
std::string with_dense_parameters(const SqlStatement& statement) {
  std::string text(statement.text);
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    const std::string from = "$" + std::to_string(statement.parameters[i]);
    const std::string to = "$" + std::to_string(i + 1);
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
      const std::size_t end = at + from.size();
      const bool longer = end < text.size() && text[end] >= '0' && text[end] <= '9';
      if (!longer) text.replace(at, from.size(), to);
      at += to.size();
    }
  }
  return text;
}

bool can_be_prepared(std::string_view statement) {
  while (statement.starts_with("--")) {
    const std::size_t line = statement.find('\n');
    if (line == std::string_view::npos) return false;
    statement.remove_prefix(line + 1);
  }
  return std::ranges::any_of(
      std::vector<std::string_view>{"select", "with", "insert", "update", "delete", "values"},
      [&](std::string_view word) { return statement.starts_with(word); });
}

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
  return table.starts_with("recommendation_") ||
         (table.starts_with("etl_") && table != "etl_dirty_days");
}

// "table.column" of all other tables and views.
std::vector<std::string> columns_of(const std::vector<std::pair<std::string, std::string>>& all) {
  std::vector<std::string> names;
  for (const auto& entry : all) {
    if (is_internal(entry.first)) continue;
    names.push_back(entry.first + "." + entry.second);
  }
  std::ranges::sort(names);
  return names;
}

TEST(PostgresPrepareTest, SchemaIsTheSameAndEveryCommonQueryIsPrepared) {
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

  std::ostringstream script;
  int count = 0;
  for (const auto& entry : catalog.files()) {
    if (entry.first.starts_with("migrate/")) continue;
    script << "\\warn >>> " << entry.second.file_name << "\n";
    for (const SqlStatement& statement : entry.second.statements) {
      if (!can_be_prepared(statement.text)) continue;
      script << "prepare question_" << ++count << " as\n"
             << with_dense_parameters(statement) << ";\n";
    }
  }
  EXPECT_GT(count, 20);
  EXPECT_THAT(complaints(cluster.feed(script.str()).output), testing::IsEmpty());

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
