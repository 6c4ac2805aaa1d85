// The PostgreSQL engine against a real server: what goes in comes out, errors have the codes that
// callers act on, and a server that goes away and comes back is survived.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "postgres_cluster.h"
#include "store/column_batch.h"
#include "store/migrate.h"
#include "store/postgres/postgres_session.h"
#include "store/postgres/postgres_store.h"

namespace attune::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// One cluster for all tests; each has a database of its own.
class PostgresSessionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string binaries = newest_postgres();
    if (!binaries.empty()) cluster_ = std::make_unique<Cluster>(binaries);
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    database_ = "test_" + std::to_string(++databases_);
    const Outcome made = cluster_->feed("create database " + database_ + ";");
    ASSERT_EQ(made.output, "");
  }

  Session& open(PostgresSettings settings = {}) {
    if (settings.url.empty()) settings.url = cluster_->url(database_);
    store_ = must(open_postgres(settings, files_.catalog()));
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

  static inline std::unique_ptr<Cluster> cluster_;
  static inline int databases_ = 0;
  std::string database_;
  TestFiles files_{Engine::postgres};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Session> session_;
};

TEST_F(PostgresSessionTest, ParametersOfEveryTypeComeBackAsTheyWent) {
  files_.add("t/echo",
             "select $1::boolean, $2::bigint, $3::double precision, $4::varchar, $5::uuid, "
             "$6::timestamptz, $7::date, $8::json, $9::varchar");
  open();
  const Uuid id = must(Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
  std::vector<Value> values{true,         std::int64_t{-5},
                            0.1,          std::string("a\xC3\xA4 '\"; -- \\"),
                            id,           Timestamp{1'795'255'200'123'456},
                            Date{20'778}, Json{R"({"a":[1]})"},
                            Null{}};
  EXPECT_EQ(first_row("t/echo", values), values);
  const auto again = must(session_->query("t/echo", values));  // prepared already
  EXPECT_EQ(again.rows.front(), values);
  std::vector<ColumnType> types;
  for (const ColumnInfo& column : again.columns) types.push_back(column.type);
  using enum ColumnType;
  EXPECT_THAT(types, ElementsAre(boolean, int64, float64, text, uuid, timestamp, date, json, text));
  for (const std::int64_t us :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{-62'135'596'800'000'000},
        std::int64_t{-62'135'596'800'000'001}, std::int64_t{253'402'300'799'999'999}}) {
    values[5] = Timestamp{us};
    values[6] = Date{static_cast<std::int32_t>(us / 86'400'000'000)};
    EXPECT_EQ(first_row("t/echo", values), values) << us;
  }
  for (const double number : {0.1, -0.0, 1e308, 5e-324, std::numeric_limits<double>::infinity()}) {
    values[2] = number;
    EXPECT_EQ(first_row("t/echo", values), values) << number;
  }
  values[3] = std::string("a\0b", 3);
  EXPECT_EQ(session_->query("t/echo", values).error().code(), ErrorCode::invalid_argument);
}

TEST_F(PostgresSessionTest, StatementsOfAFileShareItsParametersWithGaps) {
  files_.add("t/make", "create table t (a bigint, b text)");
  files_.add("t/both",
             "insert into t (a) values ($3::bigint); insert into t (b) values ($2), ($11); "
             "update t set b = $1 where a = $3::bigint");
  files_.add("t/all", "select a, b from t order by a, b");
  open();
  must(session_->execute("t/make"));
  std::vector<Value> parameters(11, Value{std::string("unused")});
  parameters[0] = std::string("one");
  parameters[1] = std::string("two");
  parameters[2] = std::int64_t{3};
  parameters[10] = std::string("eleven");
  EXPECT_EQ(must(session_->execute("t/both", parameters)), 1);
  const Rows rows = must(session_->query("t/all", {}));
  ASSERT_EQ(rows.rows.size(), 3u);
  EXPECT_EQ(rows.rows[0][1], Value{std::string("one")});
  EXPECT_EQ(rows.rows[1][1], Value{std::string("eleven")});
  EXPECT_EQ(session_->query("t/all", parameters).error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(session_->query("t/none", {}).error().code(), ErrorCode::not_found);
}

/// Six rows that differ in the key, the decimal and the address; and one of nulls.
void fill_every_type(ColumnBatch& batch, const Uuid& id) {
  auto& b = batch.add_bool("b");
  auto& i2 = batch.add_int32("i2");
  auto& i4 = batch.add_int64("i4");
  auto& i8 = batch.add_int64("i8");
  auto& f8 = batch.add_double("f8");
  auto& f4 = batch.add_double("f4");
  auto& d = batch.add_decimal("d", 4);
  auto& n = batch.add_int64("n");
  auto& t = batch.add_text("t");
  auto& v = batch.add_text("v");
  auto& m = batch.add_text("m");
  auto& u = batch.add_uuid("u");
  auto& ut = batch.add_uuid("ut");
  auto& ts = batch.add_timestamp("ts");
  auto& dt = batch.add_date("dt");
  auto& j = batch.add_json("j");
  auto& jb = batch.add_json("jb");
  auto& ip = batch.add_text("ip");
  const auto push = [&](std::int64_t key, std::int64_t decimal, const char* address) {
    b.push(1);
    i2.push(-300);
    i4.push(70'000);
    i8.push(key);
    f8.push(0.1);
    f4.push(0.5);
    d.push(decimal);
    n.push(key);
    t.push("a\xC3\xA4\t\n\\N");
    v.push("v");
    m.push("wild");
    u.push(id);
    ut.push(id);
    ts.push(Timestamp{-1});
    dt.push(Date{-1});
    j.push(R"({"b": 1,"a":2})");
    jb.push(R"({"b": 1,"a":2})");
    ip.push(address);
  };
  push(1, 123'456'789'0001, "203.0.113.0");
  push(2, -1, "2001:db8::/48");
  push(3, 0, "10.0.0.0/8");
  push(4, std::numeric_limits<std::int64_t>::min(), "::1");
  push(5, 10'000, "0.0.0.0");
  push(6, 100'000'000, "255.255.255.255");
  for (const auto& column : batch.columns()) column->push_null();
}

/// A table with a column of each type, filled by a batch; all of it.
class PostgresCopyTest : public PostgresSessionTest {
 protected:
  Rows copied(const Uuid& id) {
    files_.add(
        "t/make",
        "create type mood as enum ('calm', 'wild');"
        "create table t (b boolean, i2 smallint, i4 integer, i8 bigint, f8 double precision, "
        "f4 real, d numeric(19, 4), n numeric(20, 0), t text, v varchar(20), m mood, u uuid, "
        "ut text, "
        "ts timestamptz, dt date, j json, jb jsonb, ip inet, kept integer default 7)");
    files_.add(
        "t/all",
        "select b, i2, i4, i8, f8, f4, d::text, n::text, t, v, m::text, u, ut, ts, dt, j, jb, "
        "ip::text, kept "
        "from t order by i8");
    open();
    must(session_->execute("t/make"));
    ColumnBatch batch;
    fill_every_type(batch, id);
    must(session_->append("t", batch));
    return must(session_->query("t/all", {}));
  }
};

TEST_F(PostgresCopyTest, BatchesOfEveryTypeArrive) {
  const Uuid id = must(Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
  const Rows rows = copied(id);
  ASSERT_EQ(rows.rows.size(), 7u);
  EXPECT_THAT(
      rows.rows[0],
      ElementsAre(true, std::int64_t{-300}, std::int64_t{70'000}, std::int64_t{1}, 0.1, 0.5,
                  std::string("123456789.0001"), std::string("1"), std::string("a\xC3\xA4\t\n\\N"),
                  std::string("v"), std::string("wild"), id, id.text(), Timestamp{-1}, Date{-1},
                  Json{R"({"b": 1,"a":2})"}, Json{R"({"a": 2, "b": 1})"},
                  std::string("203.0.113.0/32"), std::int64_t{7}));
  for (std::size_t i = 0; i + 1 < rows.rows[6].size(); ++i) {
    EXPECT_EQ(rows.rows[6][i], Value{Null{}}) << rows.columns[i].name;
  }
}

TEST_F(PostgresCopyTest, DecimalsAndAddressesKeepEveryDigit) {
  const Rows rows = copied(Uuid{});
  std::vector<std::string> decimals;
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < 6; ++i) {
    decimals.push_back(std::get<std::string>(rows.rows[i][6]));
    addresses.push_back(std::get<std::string>(rows.rows[i][17]));
  }
  EXPECT_THAT(decimals, ElementsAre("123456789.0001", "-0.0001", "0.0000", "-922337203685477.5808",
                                    "1.0000", "10000.0000"));
  EXPECT_THAT(addresses, ElementsAre("203.0.113.0/32", "2001:db8::/48", "10.0.0.0/8", "::1/128",
                                     "0.0.0.0/32", "255.255.255.255/32"));
}

TEST_F(PostgresSessionTest, ABatchThatDoesNotFitLeavesNothing) {
  files_.add("t/make", "create table t (a smallint not null, b text, ip inet)");
  files_.add("t/count", "select count(*) from t");
  open();
  must(session_->execute("t/make"));
  const auto refused = [&](const std::function<void(ColumnBatch&)>& fill, std::string_view says) {
    ColumnBatch batch;
    fill(batch);
    const auto done = session_->append("t", batch);
    ASSERT_FALSE(done) << says;
    EXPECT_THAT(done.error().message(), HasSubstr(says));
    EXPECT_EQ(first_row("t/count"), std::vector<Value>{std::int64_t{0}});
  };
  refused(
      [](ColumnBatch& batch) {
        auto& a = batch.add_int64("a");
        a.push(1);
        a.push(40'000);
      },
      "does not fit column a");
  refused([](ColumnBatch& batch) { batch.add_text("a").push("1"); }, "another type");
  refused([](ColumnBatch& batch) { batch.add_text("b").push("\xff"); }, "UTF-8");
  refused([](ColumnBatch& batch) { batch.add_text("ip").push("localhost"); },
          "does not fit column ip");
  refused([](ColumnBatch& batch) { batch.add_text("b").push("x"); }, "23502");
  refused([](ColumnBatch& batch) { batch.add_text("nope").push("x"); }, "no column nope");
  ColumnBatch batch;
  batch.add_int64("a").push(1);
  EXPECT_EQ(session_->append("missing", batch).error().code(), ErrorCode::not_found);
  must(session_->append("t", batch));
  EXPECT_EQ(first_row("t/count"), std::vector<Value>{std::int64_t{1}});
}

TEST_F(PostgresSessionTest, ErrorsHaveTheCodeThatSaysWhatToDo) {
  files_.add(
      "t/make",
      "create table parent (id bigint primary key); "
      "create table t (a bigint primary key, p bigint constraint t_parent references parent, "
      "check (a > 0))");
  files_.add("t/insert", "insert into t (a, p) values ($1::bigint, $2::bigint)");
  files_.add("t/divide", "select 1 / $1::bigint");
  files_.add("t/nonsense", "select nonsense");
  files_.add("t/slow", "select pg_sleep(20)");
  open();
  must(session_->execute("t/make"));
  const auto code = [&](std::int64_t a, const Value& p) {
    const Value parameters[] = {a, p};
    return session_->execute("t/insert", parameters).error();
  };
  must(session_->execute("t/insert", std::vector<Value>{std::int64_t{1}, Null{}}));
  EXPECT_EQ(code(1, Null{}).code(), ErrorCode::already_exists);
  EXPECT_EQ(code(-1, Null{}).code(), ErrorCode::failed_precondition);
  const Error orphan = code(2, std::int64_t{9});
  EXPECT_EQ(orphan.code(), ErrorCode::failed_precondition);
  EXPECT_EQ(orphan.field(), "t_parent");
  EXPECT_THAT(orphan.message(), HasSubstr("23503"));
  EXPECT_EQ(session_->query("t/divide", std::vector<Value>{std::int64_t{0}}).error().code(),
            ErrorCode::invalid_argument);
  EXPECT_EQ(session_->query("t/nonsense", {}).error().code(), ErrorCode::internal);
  EXPECT_EQ(session_->query("t/slow", {}, {.timeout_ms = 50}).error().code(),
            ErrorCode::deadline_exceeded);
  EXPECT_EQ(must(session_->query("t/divide", std::vector<Value>{std::int64_t{1}})).rows.size(), 1u);
}

TEST_F(PostgresSessionTest, AdHocQueriesOnlyRead) {
  files_.add("t/make", "create table t (a bigint); insert into t select generate_series(1, 1000)");
  open();
  must(session_->execute("t/make"));
  const Rows some =
      must(session_->query_text("/* a */ -- b\n (select a from t order by a)", {.rows_max = 10}));
  EXPECT_EQ(some.rows.size(), 10u);
  EXPECT_TRUE(some.truncated);
  EXPECT_EQ(must(session_->query_text("with x as (select 1) select * from x")).rows.size(), 1u);
  EXPECT_EQ(
      must(session_->query_text("select interval '1 day', array[1,2], '{}'::jsonb, 'x'::name"))
          .rows.size(),
      1u);
  for (const char* sql :
       {"", " ; ", "-- only", "insert into t values (1)", "delete from t", "drop table t",
        "with x as (delete from t returning a) select * from x", "select 1; select 2",
        "copy t to '/tmp/attune-copied'", "set statement_timeout = 0", "commit", "begin",
        "select nonsense", "explain analyze delete from t", "create temp table x as select 1",
        "select nextval('none')"}) {
    EXPECT_EQ(text_error(sql), ErrorCode::invalid_argument) << sql;
  }
  EXPECT_EQ(text_error(std::string(200'000, 'x')), ErrorCode::invalid_argument);
  EXPECT_EQ(must(session_->query_text("select count(*) from t")).rows[0][0],
            Value{std::int64_t{1000}});
}

TEST_F(PostgresSessionTest, TransactionsKeepAllOrNothing) {
  files_.add("t/make", "create table t (a bigint primary key)");
  files_.add("t/insert", "insert into t values ($1::bigint)");
  files_.add("t/count", "select count(*) from t");
  open();
  must(session_->execute("t/make"));
  const Value one[] = {std::int64_t{1}};
  must(session_->begin());
  must(session_->execute("t/insert", one));
  const auto other = must(store_->session());
  EXPECT_EQ(must(other->query("t/count", {})).rows[0][0], Value{std::int64_t{0}});
  must(session_->rollback());
  EXPECT_EQ(first_row("t/count")[0], Value{std::int64_t{0}});
  must(session_->begin());
  must(session_->execute("t/insert", one));
  EXPECT_FALSE(session_->execute("t/insert", one));
  EXPECT_EQ(session_->commit().error().code(), ErrorCode::failed_precondition);
  EXPECT_EQ(first_row("t/count")[0], Value{std::int64_t{0}});
  must(session_->begin());
  must(session_->execute("t/insert", one));
  session_.reset();  // dropped in the middle: rolled back
  session_ = must(store_->session());
  EXPECT_EQ(first_row("t/count")[0], Value{std::int64_t{0}});
}

TEST_F(PostgresSessionTest, ScanStreamsAndStopsAtTheVisitorsError) {
  files_.add("t/many", "select x, repeat('x', 100) from generate_series(1, 200000) as s(x)");
  open();
  std::int64_t sum = 0;
  EXPECT_EQ(must(session_->scan("t/many", {},
                                [&](std::span<const Value> row) -> Result<void> {
                                  sum += std::get<std::int64_t>(row[0]);
                                  return {};
                                })),
            200'000);
  EXPECT_EQ(sum, 200'000LL * 200'001 / 2);
  for (const bool inside : {false, true}) {
    if (inside) must(session_->begin());
    int seen = 0;
    const auto stopped = session_->scan("t/many", {}, [&](std::span<const Value>) -> Result<void> {
      return ++seen == 10 ? Result<void>(fail(ErrorCode::not_found, "enough")) : Result<void>();
    });
    EXPECT_EQ(stopped.error().code(), ErrorCode::not_found);
    EXPECT_EQ(seen, 10);
    // The session, and its transaction, go on.
    EXPECT_EQ(must(session_->query("t/many", {}, {.rows_max = 3})).rows.size(), 3u);
    if (inside) must(session_->commit());
  }
}

TEST_F(PostgresSessionTest, TheServerMayGoAwayAndComeBack) {
  files_.add("t/make", "create table t (a bigint)");
  files_.add("t/insert", "insert into t values ($1::bigint)");
  files_.add("t/count", "select count(*) from t");
  open();
  must(session_->execute("t/make"));
  const Value one[] = {std::int64_t{1}};
  must(session_->execute("t/insert", one));
  must(session_->begin());
  must(session_->execute("t/insert", one));
  cluster_->stop();
  EXPECT_EQ(session_->execute("t/insert", one).error().code(), ErrorCode::unavailable);
  EXPECT_EQ(session_->commit().error().code(), ErrorCode::unavailable);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(session_->query("t/count", {}).error().code(), ErrorCode::unavailable);
    EXPECT_EQ(store_->session().error().code(), ErrorCode::unavailable);
  }
  cluster_->start();
  Result<Rows> rows = fail(ErrorCode::unavailable, "");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!rows && std::chrono::steady_clock::now() < deadline) {
    rows = session_->query("t/count", {});
  }
  EXPECT_EQ(must(std::move(rows)).rows[0][0], Value{std::int64_t{1}})
      << "the open transaction is gone";
  must(session_->execute("t/insert", one));
}

TEST_F(PostgresSessionTest, ThePoolIsBounded) {
  PostgresSettings settings;
  settings.url = cluster_->url(database_);
  settings.connections_max = 3;
  settings.wait_ms = 50;
  open(settings);
  auto second = must(store_->session());
  auto third = must(store_->session());
  EXPECT_EQ(store_->session().error().code(), ErrorCode::resource_exhausted);
  std::thread later([&] { third.reset(); });
  EXPECT_TRUE(store_->session());
  later.join();
  EXPECT_EQ(open_postgres({.url = settings.url, .connections_max = 1}).error().code(),
            ErrorCode::invalid_argument);
}

TEST_F(PostgresSessionTest, WhatIsWrongWithTheUrlIsSaid) {
  const auto code = [&](const std::string& url) {
    return open_postgres({.url = url}).error().code();
  };
  EXPECT_EQ(code("mysql://nobody"), ErrorCode::invalid_argument);
  EXPECT_EQ(code(cluster_->url("no_such_database")), ErrorCode::not_found);
  EXPECT_EQ(code(cluster_->url(database_, "no_such_role")), ErrorCode::permission_denied);
  EXPECT_EQ(code("postgres://127.0.0.1:1/none"), ErrorCode::unavailable);
}

// tests/store/contract_test holds DuckDB's files to the same.
TEST_F(PostgresSessionTest, EveryFileAnswersWithTheColumnsOfItsHeader) {
  const SqlCatalog catalog(Engine::postgres);
  auto pool = std::make_shared<postgres::Pool>(PostgresSettings{.url = cluster_->url(database_)},
                                               SqlCatalog(Engine::postgres));
  must(must(open_postgres({.url = cluster_->url(database_)}))->migrate());
  const auto session = must(PostgresSession::open(pool));
  int count = 0;
  for (const auto& [path, file] : catalog.files()) {
    if (path.starts_with("migrate/") || path == "schema") continue;
    if (path.starts_with("extend/")) continue;   // what an extension's functions do
    const auto columns = session->columns_of(path);
    ASSERT_TRUE(columns) << path << ": " << columns.error().message();
    EXPECT_EQ(*columns, file.header_columns) << path;
    ++count;
  }
  EXPECT_GT(count, 40);
}

TEST_F(PostgresSessionTest, MigratesUpDownAndUpAgain) {
  const SqlCatalog catalog(Engine::postgres);
  PostgresSettings settings;
  settings.url = cluster_->url(database_);
  store_ = must(open_postgres(settings));
  must(store_->migrate());
  session_ = must(store_->session());
  const auto tables = [&] {
    return std::get<std::int64_t>(
        must(session_->query_text("select count(*) from pg_class where relkind in ('r', 'v') and "
                                  "relnamespace = 'public'::regnamespace"))
            .rows[0][0]);
  };
  const std::int64_t made = tables();
  EXPECT_GT(made, 15);
  EXPECT_EQ(must(migrate_up(*store_, catalog)), 0);
  EXPECT_GT(must(migrate_down(*store_, catalog, 0)), 2);
  EXPECT_EQ(tables(), 1) << "schema_migrations";
  must(store_->migrate());
  EXPECT_EQ(tables(), made);
}

}  // namespace
}  // namespace attune::store
