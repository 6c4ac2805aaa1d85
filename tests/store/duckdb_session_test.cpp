#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#include "store/column_batch.h"
#include "test_store.h"

namespace attune::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DuckdbSessionTest : public testing::Test {
 protected:
  // Opens the store with the files added so far.
  Session& open(DuckdbSettings settings = {}) {
    settings.threads = 2;
    store_ = must(open_duckdb(settings, files_.catalog()));
    session_ = must(store_->session());
    return *session_;
  }

  std::vector<Value> first_row(std::string_view file, std::span<const Value> parameters = {}) {
    Rows rows = must(session_->query(file, parameters));
    EXPECT_FALSE(rows.rows.empty());
    return rows.rows.empty() ? std::vector<Value>{} : rows.rows.front();
  }

  ErrorCode text_error(std::string_view sql) {
    const auto rows = session_->query_text(sql);
    EXPECT_FALSE(rows) << sql;
    return rows ? ErrorCode::internal : rows.error().code();
  }

  TestFiles files_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Session> session_;
};

// DuckDB 1.4 plans "no rows" for good when the table is empty at the first run.
TEST_F(DuckdbSessionTest, AStatementWithoutParametersSeesRowsThatCameAfterItsFirstRun) {
  files_.add("t/create", "create table t (name varchar)");
  files_.add("t/insert", "insert into t values ('x')");
  files_.add("t/count", "select count(*) from t where name = 'x'");
  open();
  must(session_->execute("t/create"));
  EXPECT_EQ(first_row("t/count"), std::vector<Value>{std::int64_t{0}});
  must(session_->execute("t/insert"));
  EXPECT_EQ(first_row("t/count"), std::vector<Value>{std::int64_t{1}});
}

TEST_F(DuckdbSessionTest, ParametersOfEveryTypeComeBackAsTheyWent) {
  files_.add("t/echo", "select $1::boolean, $2::bigint, $3::double, $4::varchar, $5::uuid, "
                       "$6::timestamptz, $7::date, $8::json, $9::varchar");
  open();
  const Uuid id = must(Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
  const std::vector<Value> values{true, std::int64_t{-5}, 0.1, std::string("a\xC3\xA4 '\"; --"), id,
                                  Timestamp{1'795'255'200'123'456}, Date{20'778},
                                  Json{R"({"a":[1]})"}, Null{}};
  EXPECT_EQ(first_row("t/echo", values), values);
  const auto again = must(session_->query("t/echo", values));   // the cached statement
  EXPECT_EQ(again.rows.front(), values);
  std::vector<ColumnType> types;
  for (const ColumnInfo& column : again.columns) types.push_back(column.type);
  using enum ColumnType;
  EXPECT_THAT(types, ElementsAre(boolean, int64, float64, text, uuid, timestamp, date, json, text));
}

TEST_F(DuckdbSessionTest, UuidsOfBothSignsKeepTheirBits) {
  files_.add("t/uuid", "select $1::uuid, $1::uuid::varchar");
  open();
  for (const char* text : {"00000000-0000-0000-0000-000000000000",
                           "7fffffff-ffff-ffff-ffff-ffffffffffff",
                           "80000000-0000-0000-0000-000000000000",
                           "ffffffff-ffff-ffff-ffff-ffffffffffff"}) {
    const Value id = must(Uuid::parse(text));
    EXPECT_THAT(first_row("t/uuid", {&id, 1}), ElementsAre(id, Value(std::string(text))));
  }
}

TEST_F(DuckdbSessionTest, ReadsEveryNumberAndTimeTypeOfTheEngine) {
  files_.add(
      "t/types",
      "select (-7)::tinyint, 300::smallint, 70000::integer, 255::utinyint, 4000000000::uinteger, "
      "sum(x), 170141183460469231731687303715884105727::hugeint, 1.5::float, 12.34::decimal(4,2), "
      "-0.1::decimal(9,1), 123456789.123::decimal(18,3), 0.0001::decimal(19,4), "
      "timestamp '1970-01-01 00:00:01', timestamp_s '1970-01-01 00:00:01', "
      "timestamp_ms '1970-01-01 00:00:01', timestamp_ns '1970-01-01 00:00:01', "
      "18446744073709551615::ubigint from range(3) t(x)");
  open();
  const Value second = Timestamp{1'000'000};
  EXPECT_THAT(first_row("t/types"),
              ElementsAre(std::int64_t{-7}, std::int64_t{300}, std::int64_t{70000},
                          std::int64_t{255}, std::int64_t{4'000'000'000}, std::int64_t{3},
                          std::ldexp(1.0, 127), 1.5, 12.34, -0.1, 123456789.123, 0.0001, second,
                          second, second, second, std::ldexp(1.0, 64)));
}

TEST_F(DuckdbSessionTest, NestedValuesBecomeText) {
  open();
  const Rows rows =
      must(session_->query_text("select [1, null, 3], {'a': 1, 'b': ['x']}, map {'k': 2.5}, "
                                "interval '14 months 3 days 90 seconds', "
                                "time '10:11:12.5', '\\x00A'::blob, 'b'::enum('a', 'b'), null, "
                                "array[1, 2]::integer[2], '101'::bit, "
                                "[timestamptz '2026-11-21 10:00:00Z', null]"));
  std::vector<std::string> texts;
  for (const Value& value : rows.rows.front()) {
    texts.push_back(std::holds_alternative<Null>(value) ? "null" : std::get<std::string>(value));
  }
  EXPECT_THAT(texts, ElementsAre("[1, NULL, 3]", "{'a': 1, 'b': [x]}", "{k=2.5}",
                                 "1 year 2 months 3 days 00:01:30", "10:11:12.500000", "\\x00A",
                                 "b", "null", "[1, 2]", "(cast to varchar to see this)",
                                 "[2026-11-21T10:00:00Z, NULL]"));
}

TEST_F(DuckdbSessionTest, MissingFileAndWrongNumberOfParametersAreTold) {
  files_.add("t/one", "select $1::bigint + $2::bigint");
  open();
  EXPECT_EQ(session_->query("t/none", {}).error().code(), ErrorCode::not_found);
  const Value one = std::int64_t{1};
  EXPECT_EQ(session_->query("t/one", {&one, 1}).error().code(), ErrorCode::invalid_argument);
  const std::vector<Value> three(3, one);
  EXPECT_EQ(session_->query("t/one", three).error().code(), ErrorCode::invalid_argument);
}

TEST_F(DuckdbSessionTest, MistakeInAFileIsOurBugAndBadValueIsTheCallers) {
  files_.add("t/bad", "select nonsense from nowhere");
  files_.add("t/cast", "select $1::integer");
  open();
  EXPECT_EQ(session_->query("t/bad", {}).error().code(), ErrorCode::internal);
  EXPECT_THAT(session_->query("t/bad", {}).error().message(), HasSubstr("t/bad"));
  const Value text = std::string("seven");
  EXPECT_EQ(session_->query("t/cast", {&text, 1}).error().code(), ErrorCode::invalid_argument);
}

TEST_F(DuckdbSessionTest, StatementsOfAFileRunInOrderWithTheirOwnParameters) {
  files_.add("t/setup", "create table t (a bigint primary key, b varchar);\n"
                        "insert into t values ($2, $1);\n"
                        "-- in between\n"
                        "insert into t values ($2 + 1, $1 || ';'), ($3, null);");
  files_.add("t/read", "select count(*), max(b), max(a) from t");
  open();
  const std::vector<Value> values{std::string("x"), std::int64_t{4}, std::int64_t{9}};
  EXPECT_EQ(must(session_->execute("t/setup", values)), 2);
  EXPECT_THAT(first_row("t/read"),
              ElementsAre(std::int64_t{3}, std::string("x;"), std::int64_t{9}));
}

TEST_F(DuckdbSessionTest, DuplicateKeyIsAlreadyExists) {
  files_.add("t/setup", "create table t (a bigint primary key, b integer not null)");
  files_.add("t/add", "insert into t values ($1, $2)");
  open();
  must(session_->execute("t/setup"));
  const std::vector<Value> row{std::int64_t{1}, std::int64_t{2}};
  EXPECT_EQ(must(session_->execute("t/add", row)), 1);
  EXPECT_EQ(session_->execute("t/add", row).error().code(), ErrorCode::already_exists);
  const std::vector<Value> null{std::int64_t{2}, Null{}};
  EXPECT_EQ(session_->execute("t/add", null).error().code(), ErrorCode::invalid_argument);
}

TEST_F(DuckdbSessionTest, TransactionsTakeEffectWholeOrNotAtAll) {
  files_.add("t/setup", "create table t (a bigint)");
  files_.add("t/add", "insert into t values (1)");
  files_.add("t/count", "select count(*) from t");
  open();
  must(session_->execute("t/setup"));
  const auto other = must(store_->session());
  must(session_->begin());
  must(session_->execute("t/add"));
  EXPECT_EQ(first_row("t/count")[0], Value(std::int64_t{1}));
  EXPECT_EQ(must(other->query("t/count", {})).rows[0][0], Value(std::int64_t{0}));
  must(session_->rollback());
  EXPECT_EQ(first_row("t/count")[0], Value(std::int64_t{0}));
  must(session_->begin());
  must(session_->execute("t/add"));
  must(session_->commit());
  EXPECT_EQ(must(other->query("t/count", {})).rows[0][0], Value(std::int64_t{1}));
  EXPECT_FALSE(session_->commit());   // none is open
}

TEST_F(DuckdbSessionTest, RowsBeyondTheLimitAreCutAndSaidSo) {
  files_.add("t/many", "select x from range(10000) t(x) order by x");
  open();
  const Rows cut = must(session_->query("t/many", {}, {.rows_max = 3000}));
  EXPECT_EQ(cut.rows.size(), 3000U);
  EXPECT_TRUE(cut.truncated);
  EXPECT_EQ(cut.rows.back()[0], Value(std::int64_t{2999}));
  const Rows exact = must(session_->query("t/many", {}, {.rows_max = 10000}));
  EXPECT_FALSE(exact.truncated);
}

TEST_F(DuckdbSessionTest, ScanStreamsAllRowsAndStopsAtTheVisitorsError) {
  files_.add("t/many", "select x, x::varchar from range($1) t(x)");
  open();
  const Value count = std::int64_t{300'000};
  std::int64_t sum = 0;
  EXPECT_EQ(must(session_->scan("t/many", {&count, 1},
                                [&](std::span<const Value> row) -> Result<void> {
                                  sum += std::get<std::int64_t>(row[0]);
                                  return {};
                                })),
            300'000);
  EXPECT_EQ(sum, 300'000LL * 299'999 / 2);
  const auto stopped =
      session_->scan("t/many", {&count, 1}, [](std::span<const Value>) -> Result<void> {
        return fail(ErrorCode::resource_exhausted, "enough");
      });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), ErrorCode::resource_exhausted);
  EXPECT_EQ(must(session_->query("t/many", {&count, 1}, {.rows_max = 1})).rows.size(), 1U);
}

// 10^10 pairs of a join that cannot be hashed take minutes; the watchdog has to end it.
TEST_F(DuckdbSessionTest, StatementPastItsDeadlineIsInterrupted) {
  files_.add("t/long",
             "select count(*) from range(100000) a(x), range(100000) b(y) where x * y % 7 = 3");
  files_.add("t/short", "select 1");
  open();
  const auto begin = std::chrono::steady_clock::now();
  const auto rows = session_->query("t/long", {}, {.timeout_ms = 100});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code(), ErrorCode::deadline_exceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_TRUE(session_->query("t/short", {}));
  const auto text = session_->query_text(
      "select count(*) from range(100000) a(x), range(100000) b(y) where x * y % 7 = 3",
      {.timeout_ms = 100});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), ErrorCode::deadline_exceeded);
}

TEST_F(DuckdbSessionTest, TimesAreUtcWhateverTheMachineSays) {
  open();
  const Rows rows = must(session_->query_text(
      "select cast(timestamptz '2026-07-01 00:00:00Z' as varchar), current_setting('TimeZone')"));
  EXPECT_EQ(rows.rows[0][0], Value(std::string("2026-07-01 00:00:00+00")));
  EXPECT_EQ(rows.rows[0][1], Value(std::string("UTC")));
}

TEST_F(DuckdbSessionTest, JsonIcuAndParquetAreBuiltIn) {
  open();
  const Rows rows = must(session_->query_text(
      "select json_extract_string('{\"a\":\"b\"}', '$.a'), "
      "extract(hour from timestamptz '2026-07-01 00:00:00Z' at time zone 'Europe/Berlin'), "
      "(select count(*) from duckdb_functions() where function_name = 'read_parquet') > 0"));
  EXPECT_THAT(rows.rows[0],
              ElementsAre(Value(std::string("b")), Value(std::int64_t{2}), Value(true)));
}

TEST_F(DuckdbSessionTest, AdHocStatementsThatReadWork) {
  files_.add("t/setup", "create table t (a bigint); insert into t values (1), (2)");
  open();
  must(session_->execute("t/setup"));
  for (const char* sql :
       {"select * from t", "with x as (select 1) select * from x", "from t", "values (1)",
        "show tables", "describe t", "summarize t", "explain select * from t",
        "explain analyze select count(*) from t", "select 1;", "  -- note\n select 1 ; "}) {
    const auto rows = session_->query_text(sql);
    EXPECT_TRUE(rows) << sql << ": " << rows.error().message();
    if (rows) {
      EXPECT_FALSE(rows->rows.empty()) << sql;
    }
  }
}

TEST_F(DuckdbSessionTest, AdHocStatementsThatWriteAreRefused) {
  TemporaryFolder folder;
  files_.add("t/setup", "create table t (a bigint); create sequence s; insert into t values (1)");
  files_.add("t/count", "select count(*) from t");
  open({.file = folder.path() / "a.duckdb"});
  must(session_->execute("t/setup"));
  const std::string out = (folder.path() / "out.csv").string();
  const std::vector<std::string> refused{"insert into t values (2)",
                                         "update t set a = 3",
                                         "delete from t",
                                         "create table u (a int)",
                                         "create temp table u (a int)",
                                         "drop table t",
                                         "alter table t add column b int",
                                         "copy t to '" + out + "'",
                                         "copy t from '/etc/passwd'",
                                         "attach '" + out + "' as x",
                                         "install httpfs",
                                         "load httpfs",
                                         "pragma memory_limit='1GB'",
                                         "set threads = 1",
                                         "reset threads",
                                         "set global memory_limit = '10GB'",
                                         "checkpoint",
                                         "vacuum",
                                         "begin",
                                         "commit",
                                         "call pragma_version()",
                                         "export database '" + out + "'",
                                         "use temp",
                                         "select 1; select 2",
                                         "select 1; drop table t",
                                         "",
                                         " ",
                                         "-- nothing",
                                         "select $1::int",
                                         "explain analyze insert into t values (2)",
                                         "explain analyze delete from t",
                                         "explain analyze copy t to '" + out + "'",
                                         "select nextval('s')",
                                         "prepare p as select 1",
                                         "execute p",
                                         "detach memory"};
  for (const std::string& sql : refused) {
    const auto rows = session_->query_text(sql);
    EXPECT_FALSE(rows) << sql;
    if (!rows) {
      EXPECT_NE(rows.error().code(), ErrorCode::data_loss) << sql;
    }
  }
  EXPECT_EQ(first_row("t/count")[0], Value(std::int64_t{1}));
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(DuckdbSessionTest, AdHocStatementsReachNoFileAndNoNetwork) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "secret.csv") << "a,b\n1,2\n";
  open({.file = folder.path() / "a.duckdb"});
  const std::string secret = (folder.path() / "secret.csv").string();
  for (const std::string& sql :
       {std::string("select * from read_csv('/etc/passwd')"),
        "select * from read_csv('" + secret + "')", "select * from '" + secret + "'",
        std::string("select * from read_text('/etc/hostname')"),
        std::string("select * from read_blob('/etc/hostname')"),
        std::string("select * from glob('/etc/*')"),
        std::string("select * from read_parquet('/tmp/x.parquet')"),
        std::string("select * from read_json('/etc/passwd')"),
        std::string("select * from sniff_csv('/etc/passwd')"),
        std::string("select * from 'https://example.com/x.csv'"),
        std::string("select * from parquet_metadata('/tmp/x.parquet')"),
        std::string("select * from query('select * from read_text(''/etc/hostname'')')")}) {
    const auto rows = session_->query_text(sql);
    EXPECT_FALSE(rows) << sql;
  }
}

TEST_F(DuckdbSessionTest, AdHocMistakesAreTheCallers) {
  open();
  EXPECT_EQ(text_error("selec 1"), ErrorCode::invalid_argument);
  EXPECT_EQ(text_error("select * from nowhere"), ErrorCode::invalid_argument);
  EXPECT_EQ(text_error("select 'x'::integer"), ErrorCode::invalid_argument);
  EXPECT_EQ(text_error(std::string("select 1\0", 9)), ErrorCode::invalid_argument);
  EXPECT_EQ(text_error("select '" + std::string(100'001, 'x') + "'"), ErrorCode::invalid_argument);
  const std::string deep = "select " + std::string(50'000, '(') + "1" + std::string(50'000, ')');
  const auto rows = session_->query_text(deep);
  EXPECT_TRUE(rows || rows.error().code() != ErrorCode::data_loss);
  EXPECT_TRUE(session_->query_text("select 1"));
}

TEST_F(DuckdbSessionTest, AdHocAnswerIsCutWhileItStreams) {
  open();
  const Rows rows =
      must(session_->query_text("select * from range(100000000000)", {.rows_max = 10}));
  EXPECT_EQ(rows.rows.size(), 10U);
  EXPECT_TRUE(rows.truncated);
}

TEST_F(DuckdbSessionTest, AdHocStatementSeesCommittedRowsOnlyAndLeavesTheTransactionAlone) {
  files_.add("t/setup", "create table t (a bigint)");
  files_.add("t/add", "insert into t values (1)");
  open();
  must(session_->execute("t/setup"));
  must(session_->begin());
  must(session_->execute("t/add"));
  EXPECT_EQ(must(session_->query_text("select count(*) from t")).rows[0][0],
            Value(std::int64_t{0}));
  must(session_->commit());
  EXPECT_EQ(must(session_->query_text("select count(*) from t")).rows[0][0],
            Value(std::int64_t{1}));
}

// The lock is the operating system's and per process, so the one who holds it has to be another.
TEST_F(DuckdbSessionTest, FileHeldByAnotherProcessIsFailedPrecondition) {
  TemporaryFolder folder;
  const DuckdbSettings settings{.file = folder.path() / "a.duckdb"};
  int to_child[2];
  int to_parent[2];
  ASSERT_EQ(pipe(to_child), 0);
  ASSERT_EQ(pipe(to_parent), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  char byte = 0;
  if (child == 0) {
    const auto held = open_duckdb(settings);
    byte = held ? 'y' : 'n';
    const bool told = write(to_parent[1], &byte, 1) == 1 && read(to_child[0], &byte, 1) >= 0;
    _exit(told ? 0 : 1);
  }
  ASSERT_EQ(read(to_parent[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  const auto second = open_duckdb(settings);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::failed_precondition);
  EXPECT_EQ(write(to_child[1], "x", 1), 1);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  for (const int end : {to_child[0], to_child[1], to_parent[0], to_parent[1]}) close(end);
  EXPECT_TRUE(open_duckdb(settings));
}

TEST_F(DuckdbSessionTest, FileThatIsNoDatabaseIsDataLossAndMissingFolderUnavailable) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "garbage.duckdb") << std::string(8192, 'x');
  const auto garbage = open_duckdb({.file = folder.path() / "garbage.duckdb"});
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code(), ErrorCode::data_loss);
  const auto nowhere = open_duckdb({.file = folder.path() / "missing" / "a.duckdb"});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code(), ErrorCode::unavailable);
}

TEST_F(DuckdbSessionTest, WhatWasCommittedIsThereAfterReopening) {
  TemporaryFolder folder;
  files_.add("t/setup", "create table t (a bigint); insert into t values (42)");
  files_.add("t/read", "select a from t");
  const DuckdbSettings settings{.file = folder.path() / "a.duckdb"};
  open(settings);
  must(session_->execute("t/setup"));
  must(store_->checkpoint());
  session_.reset();
  store_.reset();
  open(settings);
  EXPECT_EQ(first_row("t/read")[0], Value(std::int64_t{42}));
}

TEST_F(DuckdbSessionTest, SessionsOutliveTheStoreObject) {
  files_.add("t/one", "select 1");
  open();
  store_.reset();
  EXPECT_TRUE(session_->query("t/one", {}));
}

}  // namespace
}  // namespace attune::store
