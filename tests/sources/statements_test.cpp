// Every row of docs/sources.md, on both engines, after events were put in. A statement that the
// document calls translated or not applicable has to be refused as it stands, so that a row goes
// when an engine learns it; one that makes a schema is run in an empty database, and what its
// catalogue says is looked for in ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/facts.h"
#include "sources/matrix.h"
#include "sources/visits.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"
#include "store/test_store.h"

namespace attune::sources {
namespace {

using store::Engine;
using store::must;

struct Answer {
  std::string error;   // empty: none
  bool has_rows = false;
};

/// One database that statements are run in.
class Database {
 public:
  virtual ~Database() = default;
  virtual store::Store& store() = 0;
  /// sql  the text that the file of that name has.
  virtual Answer run(const std::string& name, const std::string& sql, Expectation expectation) = 0;
  /// Rows that others leave for the statement that comes next.
  virtual void leave_backlog() {}

  Facts facts() { return facts_of(*must(store().session())); }
};

/// What the sources presume, so that their statements can be run in an empty database.
constexpr const char* kPresumed = R"(
create table website (website_id uuid primary key);
create table users (id bigint primary key);
create table product (id bigint primary key);
)";
/// Names of types that DuckDB has not: its catalogue then says where ours differ.
constexpr const char* kTypesOfPostgres = R"(
create type serial as integer;
create type jsonb as json;
create type inet as varchar;
)";
/// What the test inserts of the RL document need, and the backlog that others left.
constexpr const char* kParties = R"(
insert into users (id, site_id, external_id) values (1, '', 'one');
insert into product (id, site_id, external_id) values (1, '', 'one');
)";
constexpr const char* kBacklog = R"(
insert into events_log (event_type, session_id, visitor_id, site_id, timestamp, path,
  raw_event_data)
select 'pageview', 'other', 'other', site_id, now(), '/', '{}' from website;
)";

class Duckdb final : public Database {
 public:
  Duckdb(const std::vector<Statement>& statements, bool empty) {
    const store::SqlCatalog own(Engine::duckdb);
    for (const auto& entry : own.files()) files_.add(entry.first, entry.second.text);
    for (const Statement& each : statements) {
      files_.add("t/" + each.name + "/verbatim", each.sql);
      if (!each.duckdb.translation.empty()) {
        files_.add("t/" + each.name + "/translated", each.duckdb.translation);
      }
    }
    files_.add("t/presumed", std::string(kTypesOfPostgres) + kPresumed);
    files_.add("t/parties", kParties);
    store_ = must(open_duckdb({}, files_.catalog()));
    if (!empty) must(store_->migrate());
    session_ = must(store_->session());
    must(session_->execute(empty ? "t/presumed" : "t/parties"));
  }
  store::Store& store() override { return *store_; }

  Answer run(const std::string& name, const std::string&, Expectation expectation) override {
    const std::string file = "t/" + name;
    if (expectation == Expectation::rows || expectation == Expectation::no_rows) {
      const auto rows = session_->query(file, {});
      if (!rows) return {.error = rows.error().message()};
      return {.error = {}, .has_rows = !rows->rows.empty()};
    }
    if (expectation == Expectation::undone) must(session_->begin());
    const auto done = session_->execute(file);
    if (expectation == Expectation::undone) must(session_->rollback());
    return {.error = done ? std::string() : done.error().message()};
  }

 private:
  store::TestFiles files_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
};

class Postgres final : public Database {
 public:
  Postgres(store::Cluster& cluster, const std::string& name, bool empty)
      : cluster_(cluster), name_(name) {
    EXPECT_EQ(cluster.feed("create database " + name + ";").output, "");
    store_ = must(store::open_postgres({.url = cluster.url(name)}));
    if (!empty) must(store_->migrate());
    EXPECT_EQ(feed(empty ? kPresumed : kParties), "");
    if (!empty) {
      EXPECT_EQ(feed("create extension pg_stat_statements;"), "");
    }
  }
  store::Store& store() override { return *store_; }

  Answer run(const std::string&, const std::string& sql, Expectation expectation) override {
    const bool undone = expectation == Expectation::undone;
    const std::string output = feed(undone ? "begin;" + sql + "rollback;" : sql);
    if (output.find("ERROR:") != std::string::npos) return {.error = output};
    return {.error = {}, .has_rows = !output.empty()};
  }
  void leave_backlog() override { EXPECT_EQ(feed(kBacklog), ""); }

  std::string feed(const std::string& sql) {
    return cluster_
        .feed("\\set VERBOSITY verbose\n\\set ON_ERROR_STOP 1\n\\c " + name_ + "\n" + sql + "\n")
        .output;
  }

 private:
  store::Cluster& cluster_;
  std::string name_;
  std::unique_ptr<store::Store> store_;
};

/// Runs the matrix on one engine: `ours` has the migrations and rows, `theirs` is empty.
class Run {
 public:
  Run(Engine engine, Database& ours, Database& theirs)
      : engine_(engine), ours_(ours), theirs_(theirs), our_facts_(ours.facts()) {}

  void check(const Statement& statement) {
    SCOPED_TRACE(statement.name);
    const OnEngine& entry = statement.on(engine_);
    if (entry.fate == Fate::made) return check_made(statement, entry);
    if (entry.fate != Fate::verbatim) {
      const Answer as_it_stands =
          ours_.run(statement.name + "/verbatim", statement.sql, Expectation::undone);
      EXPECT_NE(as_it_stands.error, "") << "runs as it stands: mark it verbatim";
    }
    if (entry.fate == Fate::not_applicable) return;
    if (entry.expectation == Expectation::rows) ours_.leave_backlog();
    const bool translated = entry.fate == Fate::translated;
    ASSERT_EQ(translated, !entry.translation.empty());
    const Answer answer = ours_.run(statement.name + (translated ? "/translated" : "/verbatim"),
                                    translated ? entry.translation : statement.sql,
                                    entry.expectation);
    if (entry.expectation == Expectation::fails) {
      EXPECT_NE(answer.error, "");
      std::istringstream words(entry.failure);
      for (std::string word; words >> word;) {
        EXPECT_NE(answer.error.find(word), std::string::npos) << word << " in " << answer.error;
      }
      return;
    }
    EXPECT_EQ(answer.error, "");
    EXPECT_TRUE(answer.has_rows || entry.expectation != Expectation::rows) << "no row";
    EXPECT_FALSE(answer.has_rows && entry.expectation == Expectation::no_rows) << "rows";
  }

 private:
  void check_made(const Statement& statement, const OnEngine& entry) {
    const Facts before = theirs_.facts();
    const Answer as_it_stands =
        theirs_.run(statement.name + "/verbatim", statement.sql, Expectation::runs);
    if (entry.translation.empty()) {
      ASSERT_EQ(as_it_stands.error, "");
    } else {
      EXPECT_NE(as_it_stands.error, "") << "runs as it stands: needs no translation";
      const Answer done =
          theirs_.run(statement.name + "/translated", entry.translation, Expectation::runs);
      ASSERT_EQ(done.error, "");
    }
    Facts made = theirs_.facts();
    std::erase_if(made, [&](const auto& fact) {
      const auto was = before.find(fact.first);
      return was != before.end() && was->second == fact.second;
    });
    EXPECT_FALSE(made.empty()) << "the statement makes nothing";
    EXPECT_THAT(entry.deviations,
                testing::UnorderedElementsAreArray(deviations_of(made, our_facts_)));
  }

  const Engine engine_;
  Database& ours_;
  Database& theirs_;
  const Facts our_facts_;
};

/// What docs/schema.md, section 3, says of a table.
std::string section_of(const std::string& document, const std::string& table) {
  const std::size_t begin = document.find("\n**" + table + "**");
  if (begin == std::string::npos) return {};
  const std::size_t end = std::min(document.find("\n**", begin + 1), document.find("\n#", begin));
  return document.substr(begin, end - begin);
}

/// Each column that we added to a table of the sources is named where the table is described.
void expect_additions_named(const Facts& theirs, const Facts& ours) {
  const std::string document = read_source("docs/schema.md");
  int added = 0;
  for (const auto& [name, type] : ours) {
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos || name.find(' ') != std::string::npos) continue;
    const std::string table = name.substr(0, dot);
    const auto kind = theirs.find(table + " kind");
    const bool presumed = table == "website" || table == "users" || table == "product";
    if (kind == theirs.end() || kind->second != "table" || presumed) continue;
    if (theirs.contains(name)) continue;
    ++added;
    EXPECT_NE(section_of(document, table).find("`" + name.substr(dot + 1) + "`"),
              std::string::npos)
        << "docs/schema.md, section 3, does not name " << name;
  }
  EXPECT_GT(added, 40);
}

void run_matrix(Engine engine, const std::vector<Statement>& matrix, Database& ours,
                Database& theirs) {
  ASSERT_FALSE(matrix.empty());
  Run run(engine, ours, theirs);
  for (const Statement& statement : matrix) run.check(statement);
  expect_additions_named(theirs.facts(), ours.facts());
}

TEST(SourceStatementsTest, DoOnDuckdbWhatTheDocumentSays) {
  const auto matrix = read_matrix();
  Duckdb ours(matrix, false);
  Duckdb theirs(matrix, true);
  put_visits(ours.store());
  run_matrix(Engine::duckdb, matrix, ours, theirs);
}

TEST(SourceStatementsTest, DoOnPostgresWhatTheDocumentSays) {
  const std::string binaries = store::newest_postgres();
  if (binaries.empty()) GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
  store::Cluster cluster(binaries);
  cluster.feed("alter system set shared_preload_libraries = 'pg_stat_statements';");
  cluster.stop();
  cluster.start();
  const auto matrix = read_matrix();
  Postgres ours(cluster, "ours", false);
  Postgres theirs(cluster, "theirs", true);
  put_visits(ours.store());
  run_matrix(Engine::postgres, matrix, ours, theirs);
}

}  // namespace
}  // namespace attune::sources
