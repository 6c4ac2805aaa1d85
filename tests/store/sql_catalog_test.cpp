#include "store/sql_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::store {
namespace {

using testing::ElementsAre;

std::vector<std::string_view> texts(const std::vector<SqlStatement>& statements) {
  std::vector<std::string_view> result;
  for (const SqlStatement& each : statements) result.push_back(each.text);
  return result;
}

TEST(SplitStatementsTest, CutsAtSemicolonsOutsideOfEverythingThatHidesThem) {
  EXPECT_THAT(texts(split_statements("select 1; select ';' ;\n-- a; b\nselect \"x;y\"")),
              ElementsAre("select 1", "select ';'", "-- a; b\nselect \"x;y\""));
  EXPECT_THAT(texts(split_statements("select 'it''s; fine'; select /* ; /* ; */ ; */ 2")),
              ElementsAre("select 'it''s; fine'", "select /* ; /* ; */ ; */ 2"));
  EXPECT_THAT(texts(split_statements("create function f() as $body$ a; b; $body$; select $$;$$")),
              ElementsAre("create function f() as $body$ a; b; $body$", "select $$;$$"));
}

TEST(SplitStatementsTest, LeavesOutPartsThatHoldNothing) {
  EXPECT_TRUE(split_statements("").empty());
  EXPECT_TRUE(split_statements(" ;; -- only a comment\n /* and; another */ ;").empty());
  EXPECT_EQ(split_statements("-- first\n;\nselect 1;\n-- last\n").size(), 1U);
}

TEST(SplitStatementsTest, FindsTheParametersEachStatementUses) {
  const auto statements = split_statements(
      "insert into t values ($2, '$5', $10); -- $7\ndelete from t where a = $2 and b = $2 and "
      "\"$3\" = 1");
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_THAT(statements[0].parameters, ElementsAre(2, 10));
  EXPECT_THAT(statements[1].parameters, ElementsAre(2));
}

TEST(SplitStatementsTest, SurvivesTextThatEndsInTheMiddle) {
  for (const char* text : {"select 'open", "select \"open", "select /* open", "select $tag$ open",
                           "select $", "--", "/*", "'"}) {
    EXPECT_LE(split_statements(text).size(), 1U) << text;
  }
}

constexpr std::string_view kHeaded =
    "-- What it answers.\n"
    "--\n"
    "-- Parameters\n"
    "--   $1 site_id text   the site,\n"
    "--                     in text form\n"
    "--   $2 begin timestamp\n"
    "-- Columns\n"
    "--   path     text\n"
    "--   visitors int64\n"
    "--\n"
    "-- A remark:\n"
    "--   not_a_column\n"
    "select path, visitors from t where site_id = $1 and at >= $2\n";

TEST(SqlCatalogTest, ReadsTheHeader) {
  const embedded::File files[] = {{"report/a.sql", kHeaded}};
  const SqlCatalog catalog(Engine::duckdb, files);
  const auto file = catalog.find("report/a");
  ASSERT_TRUE(file);
  EXPECT_THAT((*file)->header_parameters, ElementsAre("site_id", "begin"));
  EXPECT_THAT((*file)->header_columns, ElementsAre("path", "visitors"));
  EXPECT_EQ((*file)->parameter_count, 2);
}

TEST(SqlCatalogTest, PrefersTheFileOfTheEngineInAnyOrder) {
  const embedded::File files[] = {{"a.duckdb.sql", "select 'duckdb'"},
                                  {"a.sql", "select 'common'"},
                                  {"b.postgres.sql", "select 'postgres'"},
                                  {"b.sql", "select 'common'"},
                                  {"c.postgres.sql", "select 1"},
                                  {"m/0001_x.up.duckdb.sql", "select 2"}};
  const SqlCatalog duckdb(Engine::duckdb, files);
  const SqlCatalog postgres(Engine::postgres, files);
  EXPECT_EQ((*duckdb.find("a"))->text, "select 'duckdb'");
  EXPECT_EQ((*duckdb.find("b"))->text, "select 'common'");
  EXPECT_EQ((*postgres.find("a"))->text, "select 'common'");
  EXPECT_EQ((*postgres.find("b"))->text, "select 'postgres'");
  EXPECT_TRUE(duckdb.find("m/0001_x.up"));
  const auto missing = duckdb.find("c");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
}

TEST(SqlCatalogTest, HoldsTheFilesOfTheProgram) {
  const SqlCatalog catalog(Engine::duckdb);
  EXPECT_TRUE(catalog.find("store/migrations_list"));
  EXPECT_FALSE(catalog.find("store/migrations_list.sql"));
}

}  // namespace
}  // namespace attune::store
