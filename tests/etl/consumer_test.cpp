#include "etl/consumer.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "etl/faulty_store.h"
#include "etl/memory_journal.h"
#include "etl/random_stream.h"
#include "etl/replay.h"
#include "etl/table_dump.h"
#include "store/column_batch.h"

namespace attune::etl {
namespace {

constexpr std::int64_t kWaitMs = 20'000;   // only a test that fails waits so long

class ConsumerTest : public testing::Test {
 protected:
  ConsumerTest() : sites_(test_sites()), store_(memory_store()), faulty_(*store_) {
    settings_.commit_ms = 5;
    settings_.retry_ms_max = 20;
  }

  event::Event click(std::int64_t at_ms) const {
    event::Event event;
    event.site = test_sites()[0].id;
    event.kind = event::Kind::click;
    event.event_type = "click";
    event.timestamp_ms = at_ms;
    event.received_ms = at_ms;
    event.visitor_id = "v";
    event.session_id = "s";
    return event;
  }

  TextTables tables() {
    auto session = store_->session();
    EXPECT_TRUE(session);
    return dump_tables(**session);
  }

  /// Whether the tables are those of a replay into a fresh database as far as the consumer came: it
  /// journals ticks by itself, and one may lie behind the position where it was stopped.
  void expect_equal_to_replay(journal::Position until) {
    const auto fresh = memory_store();
    const auto replayed = replay(journal_, *fresh, sites_, clock_, settings_, until);
    ASSERT_TRUE(replayed) << replayed.error().message();
    auto left = store_->session();
    auto right = fresh->session();
    ASSERT_TRUE(left && right);
    const auto comparison = compare(**left, **right);
    ASSERT_TRUE(comparison) << comparison.error().message();
    for (const TableDifference& difference : comparison->different) {
      // Days are recomputed by another thread, soon but later.
      if (difference.table == "daily_site_metrics") continue;
      ADD_FAILURE() << difference.table << " " << difference.key << " " << difference.column;
    }
  }

  MemoryJournal journal_;
  FixedSites sites_;
  RealClock clock_;
  Settings settings_;
  std::unique_ptr<store::Store> store_;
  FaultyStore faulty_;
};

TEST_F(ConsumerTest, FollowsTheJournalUntilItIsStopped) {
  Consumer consumer(journal_, *store_, sites_, clock_, settings_);
  ASSERT_TRUE(consumer.start());
  EXPECT_EQ(consumer.start().error().code(), ErrorCode::failed_precondition);
  const std::int64_t now_ms = clock_.now_ms();
  for (int count = 0; count < 20; ++count) {
    journal_.add(click(now_ms + count));
    ASSERT_TRUE(consumer.wait_for(journal_.durable_end(), kWaitMs));
  }
  const ConsumerStatus status = consumer.status();
  EXPECT_EQ(status.position, journal_.durable_end());
  EXPECT_EQ(status.lag_bytes, 0u);
  EXPECT_EQ(status.counts.counted, 20u);
  EXPECT_EQ(status.sessions_in_memory, 1u);
  EXPECT_TRUE(status.running);
  consumer.stop();
  EXPECT_FALSE(consumer.status().running);
  EXPECT_EQ(tables()["user_sessions"].begin()->second["event_count"], "20");

  ASSERT_TRUE(consumer.start());
  journal_.add(click(now_ms + 100));
  ASSERT_TRUE(consumer.wait_for(journal_.durable_end(), kWaitMs));
  consumer.stop();
  EXPECT_EQ(tables()["user_sessions"].begin()->second["event_count"], "21");
}

TEST_F(ConsumerTest, RestsWhileTheIntakeIsBusyAndLosesNothing) {
  std::atomic<int> asked{0};
  const Settings eager = settings_;
  settings_.intake_is_busy = [&] { return ++asked > 0; };
  settings_.rest_share = 1e12;
  settings_.rest_ms_max = 3'600'000;   // who waits for it fails
  const std::int64_t now_ms = clock_.now_ms();
  journal_.add(click(now_ms));
  {
    Consumer consumer(journal_, *store_, sites_, clock_, settings_);
    ASSERT_TRUE(consumer.start());
    ASSERT_TRUE(consumer.wait_for(journal_.durable_end(), kWaitMs));
    while (asked == 0) std::this_thread::yield();
    const journal::Position before = consumer.status().position;
    journal_.add(click(now_ms + 1));
    EXPECT_FALSE(consumer.wait_for(journal_.durable_end(), 50));
    consumer.stop();   // ends the rest
    EXPECT_EQ(consumer.status().position, before);
    EXPECT_EQ(asked, 1);
  }
  settings_ = eager;
  Consumer consumer(journal_, *store_, sites_, clock_, settings_);
  ASSERT_TRUE(consumer.start());
  EXPECT_TRUE(consumer.wait_for(journal_.durable_end(), kWaitMs));
  consumer.stop();
  expect_equal_to_replay(consumer.status().position);
}

TEST_F(ConsumerTest, ComputesDirtyDaysByItself) {
  settings_.daily_ms_min = 1;
  Consumer consumer(journal_, *store_, sites_, clock_, settings_);
  ASSERT_TRUE(consumer.start());
  journal_.add(click(clock_.now_ms()));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kWaitMs);
  TextTables found;
  while (found["daily_site_metrics"].empty() && std::chrono::steady_clock::now() < deadline) {
    found = tables();
    std::this_thread::yield();
  }
  ASSERT_EQ(found["daily_site_metrics"].size(), 1u);
  EXPECT_EQ(found["daily_site_metrics"].begin()->second["total_events"], "1");
}

TEST_F(ConsumerTest, JournalsATickThatClosesTheLastSession) {
  Consumer consumer(journal_, *store_, sites_, clock_, settings_);
  ASSERT_TRUE(consumer.start());
  const std::int64_t long_ago_ms = clock_.now_ms() - 31 * kMinuteMs;
  journal_.add(click(long_ago_ms));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kWaitMs);
  while (consumer.status().counts.other_records == 0 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  consumer.stop();
  ASSERT_EQ(journal_.entries().size(), 2u) << "one event, one tick";
  EXPECT_EQ(tables()["user_sessions"].begin()->second["session_end"], std::to_string(long_ago_ms));
}

TEST_F(ConsumerTest, StopsWithAReasonAtARecordOfANewerVersion) {
  journal_.add(click(clock_.now_ms()));
  journal_.add_body("\x63 something new");
  Consumer consumer(journal_, *store_, sites_, clock_, settings_);
  ASSERT_TRUE(consumer.start());
  EXPECT_FALSE(consumer.wait_for(journal_.durable_end(), kWaitMs));
  const ConsumerStatus status = consumer.status();
  EXPECT_FALSE(status.running);
  EXPECT_NE(status.error.find("newer"), std::string::npos) << status.error;
}

// Every call of the store fails once, at another place each time; nothing is lost and nothing is
// twice.
TEST_F(ConsumerTest, TakesEachRecordOnceWhateverCallOfTheStoreFails) {
  settings_.batch_records_max = 40;
  append_random_stream({.seed = 5, .records = 160}, journal_);
  Consumer consumer(journal_, faulty_, sites_, clock_, settings_);
  std::int64_t failures = 0;
  for (std::int64_t call = 0;; call += 7) {
    faulty_.commit_takes_effect = call % 2 == 0;
    faulty_.fail_call(call);
    const auto done = consumer.run_until(journal_.durable_end());
    if (done) {
      faulty_.fail_call(-1);
      break;
    }
    ++failures;
    ASSERT_EQ(done.error().code(), ErrorCode::unavailable) << done.error().message();
    ASSERT_LT(failures, 1000);
  }
  EXPECT_GT(failures, 5);
  expect_equal_to_replay(consumer.status().position);
}

TEST_F(ConsumerTest, RetriesByItselfAndSaysSoMeanwhile) {
  settings_.batch_records_max = 50;
  append_random_stream({.seed = 6, .records = 200}, journal_);
  Consumer consumer(journal_, faulty_, sites_, clock_, settings_);
  ASSERT_TRUE(consumer.start());
  for (std::int64_t call = 3; consumer.status().position < journal_.durable_end(); call += 11) {
    faulty_.commit_takes_effect = call % 2 == 0;
    faulty_.fail_call(call % 60);
    consumer.wait_for(journal_.durable_end(), 5);
  }
  faulty_.fail_call(-1);
  consumer.stop();
  expect_equal_to_replay(consumer.status().position);
}

TEST_F(ConsumerTest, ReplayRefusesADatabaseThatHasReadSomething) {
  journal_.add(click(clock_.now_ms()));
  Consumer consumer(journal_, *store_, sites_, clock_, settings_);
  ASSERT_TRUE(consumer.run_until(journal_.durable_end()));
  const auto replayed =
      replay(journal_, *store_, sites_, clock_, settings_, journal_.durable_end());
  ASSERT_FALSE(replayed);
  EXPECT_EQ(replayed.error().code(), ErrorCode::failed_precondition);
}

TEST_F(ConsumerTest, ComparisonNamesTheFirstDifferingRow) {
  append_random_stream({.seed = 7, .records = 80}, journal_);
  const auto other = memory_store();
  Consumer here(journal_, *store_, sites_, clock_, settings_);
  Consumer there(journal_, *other, sites_, clock_, settings_);
  ASSERT_TRUE(here.run_until(journal_.durable_end()));
  auto left = store_->session();
  auto right = other->session();
  ASSERT_TRUE(left && right);
  EXPECT_EQ(compare(**left, **right).error().code(), ErrorCode::failed_precondition);
  ASSERT_TRUE(there.run_until(journal_.durable_end()));
  auto comparison = compare(**left, **right);
  ASSERT_TRUE(comparison) << comparison.error().message();
  EXPECT_TRUE(comparison->same());

  store::ColumnBatch extra;
  extra.add_int64("id").push(123);
  extra.add_text("session_id").push("x");
  extra.add_text("visitor_id").push("x");
  extra.add_text("site_id").push("x");
  extra.add_timestamp("submit_timestamp").push({});
  ASSERT_TRUE((*right)->append("form_submissions", extra));
  comparison = compare(**left, **right);
  ASSERT_TRUE(comparison);
  ASSERT_EQ(comparison->different.size(), 1u);
  EXPECT_EQ(comparison->different[0].table, "form_submissions");
  EXPECT_EQ(comparison->different[0].key, "123");
  EXPECT_EQ(comparison->different[0].left, "(no row)");
}

TEST_F(ConsumerTest, CopiesEditedTablesAgainAndAgain) {
  auto from = store_->session();
  const auto other = memory_store();
  auto to = other->session();
  ASSERT_TRUE(from && to);
  store::ColumnBatch website;
  website.add_uuid("website_id").push(test_sites()[0].id);
  website.add_text("site_id").push(test_sites()[0].id.text());
  website.add_text("domain").push("shop.example");
  website.add_text("name").push("Shop");
  ASSERT_TRUE((*from)->append("website", website));
  store::ColumnBatch product;
  product.add_int64("id").push(42);
  product.add_text("site_id").push(test_sites()[0].id.text());
  product.add_text("external_id").push("p");
  product.add_decimal("price", 4).push_rounded(19.95);
  ASSERT_TRUE((*from)->append("product", product));
  // An enum is copied by its word, and one that it lacks is refused.
  store::ColumnBatch test;
  test.add_int64("user_id").push(1);
  test.add_text("name").push("colour");
  test.add_text("status").push("Paused");
  ASSERT_TRUE((*from)->append("ab_tests", test));
  store::ColumnBatch unheard;
  unheard.add_int64("user_id").push(1);
  unheard.add_text("name").push("size");
  unheard.add_text("status").push("Sleeping");
  EXPECT_FALSE((*from)->append("ab_tests", unheard));
  for (int times = 0; times < 2; ++times) {
    const auto copied = copy_edited(**from, **to);
    ASSERT_TRUE(copied) << copied.error().message();
    const auto sites = (*to)->query("etl/copy.website", {});
    ASSERT_TRUE(sites);
    ASSERT_EQ(sites->rows.size(), 1u);
    EXPECT_EQ(std::get<std::string>(sites->rows[0][2]), "shop.example");
    const auto products = (*to)->query("etl/copy.product", {});
    ASSERT_TRUE(products);
    ASSERT_EQ(products->rows.size(), 1u);
    const auto before = (*from)->query("etl/copy.ab_tests", {});
    const auto after = (*to)->query("etl/copy.ab_tests", {});
    ASSERT_TRUE(before && after);
    ASSERT_EQ(before->rows.size(), 1u);
    EXPECT_EQ(after->rows, before->rows);
  }
}

}  // namespace
}  // namespace attune::etl
