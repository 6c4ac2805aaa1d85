// Two accounts in a database of either engine, and good rows for every table of an account.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "campaign/account_store.h"
#include "campaign/tables.h"
#include "store/column_batch.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"
#include "store/test_store.h"

namespace attune::campaign {

using store::must;
using store::Value;

class AccountFixture : public testing::TestWithParam<store::Engine> {
 protected:
  static void TearDownTestSuite() { cluster_.reset(); }

  void SetUp() override {
    if (GetParam() == store::Engine::duckdb) {
      store_ = must(store::open_duckdb({}));
    } else {
      const std::string binaries = store::newest_postgres();
      if (binaries.empty()) GTEST_SKIP() << "no PostgreSQL: nothing checked";
      if (!cluster_) cluster_ = std::make_unique<store::Cluster>(binaries);
      const std::string database = "test_" + std::to_string(++databases_);
      ASSERT_EQ(cluster_->feed("create database " + database + ";").output, "");
      store_ = must(store::open_postgres({.url = cluster_->url(database)}));
    }
    must(store_->migrate());
    session_ = must(store_->session());
    ours_ = add_account("ours");
    theirs_ = add_account("theirs");
  }
  void TearDown() override {
    session_.reset();
    store_.reset();
  }

  AccountId add_account(const std::string& name) {
    store::ColumnBatch batch;
    const std::int64_t id = 100 + ++accounts_;
    batch.add_int64("id").push(id);
    batch.add_text("name").push(name);
    batch.add_text("password_hash").push("none");
    must(session_->append("account", batch));
    return AccountId{id};
  }

  static const Table& table(std::string_view name) {
    const Table* found = find_table(name);
    EXPECT_NE(found, nullptr) << name;
    return *found;
  }

  /// A value that the column takes, another one each time where it can be.
  Value sample(const Column& column, AccountId account) {
    const std::int64_t n = ++samples_;
    switch (column.kind) {
      case Kind::text:
        if (column.bytes_max < 10) return "E" + std::to_string(n % 90 + 10);
        return "text " + std::to_string(n);
      case Kind::word: return std::string(column.words[static_cast<std::size_t>(n) %
                                                       column.words.size()]);
      case Kind::number:
      case Kind::money: {
        const double low = std::max(column.low, -1.0);
        return low + (std::min(column.high, low + 1) - low) * 0.75;
      }
      case Kind::whole:
        if (column.name == "usage_count") return std::int64_t{0};   // a used one keeps its text
        return std::max<std::int64_t>(1, static_cast<std::int64_t>(column.low));
      case Kind::flag: return n % 2 == 0;
      case Kind::instant: return store::Timestamp::from_ms(1'795'000'000'000 + n);
      case Kind::day: return store::Date{20'000 + static_cast<std::int32_t>(n)};
      case Kind::object: return store::Json{"{}"};
      case Kind::list: return store::Json{"[]"};
      case Kind::reference: return id_of(make(table(column.target), account));
    }
    return store::Null{};
  }

  /// Every column given, or only those that must be. Makes the rows that they refer to.
  Fields fields_of(const Table& t, AccountId account, bool all) {
    if (t.needs_profile && account_rows("meta_user_profiles", account).empty()) {
      const Table& profiles = table("meta_user_profiles");
      must(accounts_store_.create(*session_, profiles, account, Fields(profiles.columns.size())));
    }
    Fields fields(t.columns.size());
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
      const Column& column = t.columns[i];
      if (column.writable && (all || column.required)) fields[i] = sample(column, account);
    }
    if (all && !t.low.empty()) fields[*t.find(t.high)] = fields[*t.find(t.low)];
    return fields;
  }

  Row make(const Table& t, AccountId account, bool all = false) {
    if (t.name == "meta_user_profiles") {
      auto there = account_rows(t.name, account);
      if (!there.empty()) return there.front();
    }
    return must(accounts_store_.create(*session_, t, account, fields_of(t, account, all)));
  }

  std::vector<Row> account_rows(std::string_view name, AccountId account) {
    return must(accounts_store_.list(*session_, table(name), account, {})).rows;
  }
  static Uuid id_of(const Row& row) { return std::get<Uuid>(row[0]); }
  static const Value& at(const Table& t, const Row& row, std::string_view column) {
    return row[2 + *t.find(column)];
  }
  Fields set(const Table& t, std::map<std::string, Value> values) {
    Fields fields(t.columns.size());
    for (const auto& [name, value] : values) fields[*t.find(name)] = value;
    return fields;
  }

  static inline std::unique_ptr<store::Cluster> cluster_;
  static inline int databases_ = 0;
  ManualClock clock_{1'795'000'000'000};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
  AccountStore accounts_store_{clock_};
  AccountId ours_{};
  AccountId theirs_{};
  std::int64_t accounts_ = 0;
  std::int64_t samples_ = 0;
};

inline std::string engine_name(const testing::TestParamInfo<store::Engine>& info) {
  return std::string(to_string(info.param));
}

}  // namespace attune::campaign
