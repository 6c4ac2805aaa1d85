// Every SQL file against the schema: it can be prepared, and its header says what it takes and
// gives. The other engine is held to the same by tests/store/postgres_prepare.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "store/duckdb/duckdb_session.h"
#include "test_store.h"

namespace attune::store {
namespace {

class SqlContractTest : public testing::TestWithParam<std::string> {
 public:
  // One database for all files: preparing changes nothing.
  static void SetUpTestSuite() {
    store_ = must(open_duckdb({}));
    must(store_->migrate());
    session_ = must(store_->session());
  }
  static void TearDownTestSuite() {
    session_.reset();
    store_.reset();
  }
  static const SqlCatalog& catalog() {
    static const SqlCatalog files(Engine::duckdb);
    return files;
  }

 protected:
  static inline std::unique_ptr<Store> store_;
  static inline std::unique_ptr<Session> session_;
};

TEST_P(SqlContractTest, IsPreparedAndKeepsItsHeader) {
  const SqlFile& file = *must(catalog().find(GetParam()));
  EXPECT_TRUE(file.text.starts_with("-- ")) << "no header comment";
  EXPECT_FALSE(file.statements.empty());
  EXPECT_EQ(file.header_parameters.size(), static_cast<std::size_t>(file.parameter_count))
      << "the header lists other parameters than the statements use";
  std::set<int> used;
  for (const SqlStatement& statement : file.statements) {
    used.insert(statement.parameters.begin(), statement.parameters.end());
  }
  EXPECT_EQ(used.size(), static_cast<std::size_t>(file.parameter_count)) << "a $n is never used";
  // Reads files whose names its connection has set before.
  if (GetParam() == "store/archive_view") return;
  auto& session = dynamic_cast<DuckdbSession&>(*session_);
  const auto columns = session.columns_of(GetParam());
  ASSERT_TRUE(columns) << columns.error().message();
  // Which table it counts is known only when it runs.
  if (GetParam() == "store/row_count") return;
  EXPECT_THAT(file.header_columns, testing::ElementsAreArray(*columns));
}

std::vector<std::string> questions() {
  std::vector<std::string> paths;
  for (const auto& entry : SqlContractTest::catalog().files()) {
    // The snapshot of the schema is compared with, not run.
    if (entry.first.starts_with("migrate/") || entry.first == "schema") continue;
    paths.push_back(entry.first);
  }
  return paths;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Sql, SqlContractTest, testing::ValuesIn(questions()), test_name);

}  // namespace
}  // namespace attune::store
