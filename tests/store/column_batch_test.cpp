#include "store/column_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "test_store.h"

namespace attune::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ColumnBatchTest, CountsClearsAndKeepsReferences) {
  ColumnBatch batch;
  Int64Column& id = batch.add_int64("id");
  TextColumn& name = batch.add_text("name");
  EXPECT_TRUE(batch.empty());
  id.push(1);
  name.push_or_null("");
  id.push_if(false, 7);
  name.push("x");
  EXPECT_EQ(batch.count(), 2U);
  EXPECT_TRUE(name.is_null(0));
  EXPECT_FALSE(name.is_null(1));
  EXPECT_TRUE(id.is_null(1));
  EXPECT_EQ(name.value(1), "x");
  ColumnBatch moved = std::move(batch);
  moved.clear();
  id.push(3);
  name.push("y");
  EXPECT_EQ(moved.count(), 1U);
  EXPECT_FALSE(id.is_null(0));
  EXPECT_EQ(name.value(0), "y");
}

TEST(ColumnBatchDeathTest, UnequalColumnsAreABug) {
  ColumnBatch batch;
  batch.add_int64("a").push(1);
  batch.add_int64("b");
  EXPECT_DEATH(batch.count(), "different lengths");
  EXPECT_DEATH(batch.add_int64("a"), "added twice");
}

TEST(DecimalColumnTest, RoundsToItsScaleAndRefusesWhatIsNoNumber) {
  DecimalColumn column("price", 2);
  for (const double value : {1.005, -1.5, 0.125, 2.675, 1e17, 1e300, std::nan(""),
                             -std::numeric_limits<double>::infinity()}) {
    column.push_rounded(value);
  }
  EXPECT_THAT(column.values(), ElementsAre(100, -150, 13, 268, 0, 0, 0, 0));
  for (std::size_t row = 4; row < 8; ++row) EXPECT_TRUE(column.is_null(row)) << row;
}

class AppendTest : public testing::Test {
 protected:
  AppendTest() {
    files_.add(
        "t/setup",
        "create table t (id bigint, flag boolean, small integer, real double, a decimal(4, 2), "
        "b decimal(9, 4), c decimal(18, 6), d decimal(19, 4), text varchar, key uuid, "
        "moment timestamptz, day date, doc json, filled varchar default 'default')");
    files_.add("t/all",
               "select id, flag, small, real, a, b, c, d, text, key, moment, day, doc, filled "
               "from t order by id");
    files_.add("t/count", "select count(*) from t");
    store_ = must(open_duckdb({}, files_.catalog()));
    session_ = must(store_->session());
    must(session_->execute("t/setup"));
  }

  Value count() { return must(session_->query("t/count", {})).rows[0][0]; }

  TestFiles files_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Session> session_;
};

// Enough rows for several chunks, nulls at random, strings of every length around the 12 bytes that
// DuckDB stores in place.
TEST_F(AppendTest, EveryTypeArrivesAcrossChunkBorders) {
  constexpr std::int64_t kRows = 5000;
  std::mt19937_64 random(3);
  ColumnBatch batch;
  auto& id = batch.add_int64("id");
  auto& flag = batch.add_bool("flag");
  auto& small = batch.add_int32("small");
  auto& real = batch.add_double("real");
  DecimalColumn* decimals[] = {&batch.add_decimal("a", 2), &batch.add_decimal("b", 4),
                               &batch.add_decimal("c", 6), &batch.add_decimal("d", 4)};
  auto& text = batch.add_text("text");
  auto& key = batch.add_uuid("key");
  auto& at = batch.add_timestamp("moment");
  auto& day = batch.add_date("day");
  auto& doc = batch.add_json("doc");
  batch.reserve(kRows);
  std::vector<std::vector<Value>> expected;
  for (std::int64_t i = 0; i < kRows; ++i) {
    std::vector<Value> row;
    const auto present = [&] { return random() % 4 != 0; };
    const auto add = [&](auto& column, auto stored, Value value) {
      const bool here = present();
      column.push_if(here, stored);
      row.push_back(here ? value : Value(Null{}));
    };
    id.push(i);
    row.emplace_back(i);
    const bool bit = random() % 2 == 0;
    add(flag, static_cast<std::uint8_t>(bit), bit);
    const auto number = static_cast<std::int32_t>(random());
    add(small, number, std::int64_t{number});
    const double seventh = static_cast<double>(i) / 7.0;
    add(real, seventh, seventh);
    const double scales[] = {1e2, 1e4, 1e6, 1e4};
    for (int j = 0; j < 4; ++j) {
      const auto scaled = static_cast<std::int64_t>(random() % 19'999) - 9'999;
      add(*decimals[j], scaled, static_cast<double>(scaled) / scales[j]);
    }
    const std::string word(random() % 30, static_cast<char>('a' + i % 26));
    if (present()) {
      text.push(word);
      row.emplace_back(word);
    } else {
      text.push_null();
      row.emplace_back(Null{});
    }
    const Uuid uuid = Uuid::from_name(Uuid{}, std::to_string(i));
    add(key, uuid, uuid);
    const Timestamp time{static_cast<std::int64_t>(random() % 4'000'000'000'000'000)};
    add(at, time, time);
    add(day, Date{static_cast<std::int32_t>(i)}, Date{static_cast<std::int32_t>(i)});
    const std::string json = "{\"i\":" + std::to_string(i) + "}";
    doc.push(json);
    row.emplace_back(Json{json});
    row.emplace_back(std::string("default"));
    expected.push_back(std::move(row));
  }
  must(session_->append("t", batch));
  const Rows rows = must(session_->query("t/all", {}));
  ASSERT_EQ(rows.rows.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(rows.rows[i], expected[i]) << i;
}

TEST_F(AppendTest, SecondBatchFollowsTheFirstAndAnEmptyOneIsNothing) {
  ColumnBatch batch;
  auto& id = batch.add_int64("id");
  must(session_->append("t", batch));
  for (int round = 0; round < 3; ++round) {
    batch.clear();
    for (int i = 0; i < 3000; ++i) id.push(round * 3000 + i);
    must(session_->append("t", batch));
  }
  EXPECT_EQ(count(), Value(std::int64_t{9000}));
}

TEST_F(AppendTest, IsPartOfTheTransaction) {
  ColumnBatch batch;
  batch.add_int64("id").push(1);
  must(session_->begin());
  must(session_->append("t", batch));
  EXPECT_EQ(count(), Value(std::int64_t{1}));
  must(session_->rollback());
  EXPECT_EQ(count(), Value(std::int64_t{0}));
}

TEST_F(AppendTest, ReachesTemporaryTablesOfItsSession) {
  files_.add("t/temp", "create temp table staging (id bigint)");
  files_.add("t/staged", "select sum(id) from staging");
  store_ = must(open_duckdb({}, files_.catalog()));
  session_ = must(store_->session());
  must(session_->execute("t/temp"));
  ColumnBatch batch;
  batch.add_int64("id").push(42);
  must(session_->append("staging", batch));
  EXPECT_EQ(must(session_->query("t/staged", {})).rows[0][0], Value(std::int64_t{42}));
}

TEST_F(AppendTest, MistakesAreToldWithTheColumn) {
  const auto error = [&](const ColumnBatch& batch, std::string_view table = "t") {
    auto done = session_->append(table, batch);
    EXPECT_FALSE(done);
    return done ? Error(ErrorCode::internal, "no error") : done.error();
  };
  {
    ColumnBatch batch;
    batch.add_int64("id").push(1);
    EXPECT_EQ(error(batch, "nowhere").code(), ErrorCode::not_found);
  }
  {
    ColumnBatch batch;
    batch.add_int64("nothing").push(1);
    EXPECT_EQ(error(batch).code(), ErrorCode::not_found);
    EXPECT_THAT(error(batch).message(), HasSubstr("t.nothing"));
  }
  {
    ColumnBatch batch;
    batch.add_int64("small").push(1);
    EXPECT_EQ(error(batch).code(), ErrorCode::invalid_argument);
  }
  {
    ColumnBatch batch;
    batch.add_decimal("a", 3).push(1);
    EXPECT_EQ(error(batch).code(), ErrorCode::invalid_argument);
  }
  {
    ColumnBatch batch;
    batch.add_decimal("a", 2).push(10'000);   // 100.00 in DECIMAL(4,2)
    EXPECT_EQ(error(batch).code(), ErrorCode::invalid_argument);
  }
  for (const std::vector<std::string_view>& texts :
       {std::vector<std::string_view>{"good", "\xFF"}, {"\xC3", "\xA4"}, {"a\xC3"}}) {
    ColumnBatch batch;
    auto& text = batch.add_text("text");
    for (const std::string_view each : texts) text.push(each);
    EXPECT_EQ(error(batch).code(), ErrorCode::invalid_argument) << texts.front();
  }
  EXPECT_EQ(count(), Value(std::int64_t{0}));
}

TEST_F(AppendTest, KeysAndChecksOfTheTableHold) {
  files_.add("t/keyed", "create table k (id bigint primary key, b integer not null)");
  files_.add("t/keys", "select count(*) from k");
  store_ = must(open_duckdb({}, files_.catalog()));
  session_ = must(store_->session());
  must(session_->execute("t/keyed"));
  ColumnBatch batch;
  auto& id = batch.add_int64("id");
  auto& b = batch.add_int32("b");
  id.push(1);
  b.push(1);
  must(session_->append("k", batch));
  EXPECT_EQ(session_->append("k", batch).error().code(), ErrorCode::already_exists);
  batch.clear();
  id.push(2);
  b.push_null();
  const auto null = session_->append("k", batch);
  ASSERT_FALSE(null);
  EXPECT_EQ(null.error().code(), ErrorCode::invalid_argument) << null.error().message();
  EXPECT_EQ(must(session_->query("t/keys", {})).rows[0][0], Value(std::int64_t{1}));
}

}  // namespace
}  // namespace attune::store
