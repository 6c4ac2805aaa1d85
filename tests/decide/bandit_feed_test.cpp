#include "decide/bandit_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/file_system_memory.h"
#include "journal/file_journal.h"
#include "learn/bandit_features.h"
#include "test_shop.h"

namespace attune::decide {
namespace {

using learn::BanditKind;

constexpr std::int64_t kMinuteMs = 60'000;

Uuid decision_id(std::uint8_t number) {
  Uuid id;
  id.bytes.fill(number);
  return id;
}

std::vector<float> features_of(std::uint8_t number) {
  std::vector<float> features(learn::kBanditFeatureSize);
  features[0] = 1;
  features[1] = static_cast<float>(number % 10) / 10;
  return features;
}

/// Shows a and b, and c pinned between them.
event::Decision make_decision(std::uint8_t number, std::int64_t at_ms,
                              BanditKind kind = BanditKind::thompson_linear,
                              const Uuid& site = test_site(),
                              const learn::BanditRewards& rewards = {}, double half_life_h = 0) {
  event::Decision decision;
  decision.decision_id = decision_id(number);
  decision.site = site;
  decision.decided_ms = at_ms;
  decision.visitor_id = "v";
  decision.placement = "home";
  for (const char* item : {"a", "c", "b"}) {
    event::DecidedItem made;
    made.item_id = item;
    made.rank = static_cast<std::uint32_t>(decision.items.size() + 1);
    decision.items.push_back(std::move(made));
  }
  BanditTrace trace{.placement = "home", .kind = kind};
  trace.given_up = 0.25;
  trace.rewards = rewards;
  trace.half_life_h = half_life_h;
  trace.context.assign(learn::kBanditContextSize, 0);
  trace.context[0] = 1;
  trace.features = {features_of(number), {}, features_of(static_cast<std::uint8_t>(number + 5))};
  JsonWriter out(decision.factors_json);
  out.begin_object();
  out.key("bandit");
  write_trace(trace, out);
  out.end_object();
  return decision;
}

event::Event make_click(std::uint8_t number, std::string item, std::int64_t at_ms) {
  event::Event made = event_of({.visitor = "v",
                                .session = "s",
                                .items = {std::move(item)},
                                .time_ms = at_ms,
                                .kind = event::Kind::recommendation_click});
  made.decision_id = decision_id(number);
  return made;
}

class BanditFeedTest : public testing::Test {
 protected:
  BanditFeedTest() {
    journal::FileJournalOptions options;
    options.folder = "/journal";
    auto opened = journal::FileJournal::open(files_, clock_, options);
    EXPECT_TRUE(opened) << opened.error().message();
    journal_ = std::move(*opened);
  }
  template <class Record>
  void append(const Record& record) {
    std::string body;
    event::encode(record, body);
    journal::RecordBatch batch;
    batch.add(body);
    std::mutex mutex;
    std::condition_variable done;
    bool is_done = false;
    journal_->append(std::move(batch), [&](const Result<journal::Position>& at) {
      EXPECT_TRUE(at);
      const std::lock_guard lock(mutex);
      is_done = true;
      done.notify_one();
    });
    std::unique_lock lock(mutex);
    ASSERT_TRUE(done.wait_for(lock, std::chrono::seconds(10), [&] { return is_done; }));
  }
  std::unique_ptr<BanditFeed> feed_of(BanditBook& book, BanditFeedOptions options = {}) {
    options.path = "/bandits.attune";
    return std::make_unique<BanditFeed>(*journal_, book, files_, clock_, std::move(options));
  }
  static BanditStatus status_of(const BanditBook& book) {
    const auto all = book.status(test_site());
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? BanditStatus{} : all[0];
  }

  MemoryFileSystem files_;
  RealClock clock_;
  std::unique_ptr<journal::FileJournal> journal_;
};

TEST_F(BanditFeedTest, LearnsFromDecisionsAndClicksAndPinnedItemsTeachNothing) {
  BanditBook book;
  const auto feed = feed_of(book);
  append(make_decision(1, kTestNowMs));
  append(make_click(1, "a", kTestNowMs + 1000));
  append(make_click(1, "c", kTestNowMs + 1000));  // pinned
  ASSERT_TRUE(feed->load());
  ASSERT_TRUE(feed->drain());
  EXPECT_EQ(status_of(book).updates, 1U);  // b is unknown until its window has passed
  EXPECT_EQ(book.serving(test_site(), "home", BanditKind::thompson_linear)->updates(), 1U);
  append(event::Tick{.received_ms = kTestNowMs + 31 * kMinuteMs});
  ASSERT_TRUE(feed->drain());
  const BanditStatus status = status_of(book);
  EXPECT_EQ(status.updates, 2U);
  EXPECT_EQ(status.counters.clicks, 1U);
  EXPECT_EQ(status.counters.misses, 1U);
  EXPECT_DOUBLE_EQ(status.mean_reward, 0.5);
  EXPECT_DOUBLE_EQ(status.given_up, 0.25);
  ASSERT_EQ(status.arms.size(), 2U);
}

TEST_F(BanditFeedTest, APurchaseOfWhatWasClickedEarnsWhatThePlacementSays) {
  BanditBook book;
  const auto feed = feed_of(book);
  const learn::BanditRewards rewards{.click = 1, .purchase = 1, .revenue = 2, .revenue_max = 100};
  append(make_decision(1, kTestNowMs, BanditKind::thompson_linear, test_site(), rewards));
  append(make_click(1, "a", kTestNowMs + 1000));
  event::Event bought = event_of({.visitor = "v",
                                  .session = "s",
                                  .items = {"a", "b"},
                                  .time_ms = kTestNowMs + 40 * kMinuteMs,
                                  .kind = event::Kind::purchase});
  for (event::Item& item : bought.items) {
    item.price = 25;
    item.quantity = 2;
  }
  append(bought);
  ASSERT_TRUE(feed->load());
  ASSERT_TRUE(feed->drain());
  // a: click 1, purchase 1, half of the revenue's 2, of 4 in all; b was not clicked: a miss.
  EXPECT_DOUBLE_EQ(status_of(book).mean_reward, 0.75 / 2);
}

TEST_F(BanditFeedTest, WhatWasLearnedHalvesAsThePlacementSays) {
  BanditBook book;
  const auto feed = feed_of(book);
  append(make_decision(1, kTestNowMs, BanditKind::thompson_beta, test_site(), {}, 2));
  append(make_click(1, "a", kTestNowMs + 1000));
  append(event::Tick{.received_ms = kTestNowMs + 1000});
  append(event::Tick{.received_ms = kTestNowMs + 1000 + 2 * kTestHourMs});
  ASSERT_TRUE(feed->load());
  ASSERT_TRUE(feed->drain());
  for (const learn::BanditArmState& arm : status_of(book).arms) {
    if (arm.key == key_of("a")) {
      EXPECT_NEAR(arm.weight, 0.5, 1e-3);
    }
  }
  EXPECT_EQ(status_of(book).updates, 2U);
}

TEST_F(BanditFeedTest, AClickIsInServiceWithinASecond) {
  BanditBook book;
  const auto feed = feed_of(book);
  ASSERT_TRUE(feed->load());
  ASSERT_TRUE(feed->start());
  append(make_decision(1, kTestNowMs));
  append(make_click(1, "a", kTestNowMs + 10));
  const std::int64_t start_us = clock_.steady_us();
  const auto updates = [&] {
    return book.serving(test_site(), "home", BanditKind::thompson_linear)->updates();
  };
  while (updates() == 0 && clock_.steady_us() - start_us < 10'000'000) {
    journal_->wait(journal_->durable_end(), 5);
  }
  EXPECT_EQ(updates(), 1U);
  EXPECT_LT(clock_.steady_us() - start_us, 1'000'000);
  feed->stop();
}

TEST_F(BanditFeedTest, ARestartGoesOnWhereTheArtefactEnds) {
  BanditBook whole;
  BanditBook first;
  for (std::uint8_t i = 1; i <= 20; ++i) {
    append(make_decision(i, kTestNowMs + i * 5 * kMinuteMs));
    if (i % 3 == 0) append(make_click(i, "b", kTestNowMs + i * 5 * kMinuteMs + 1000));
  }
  const auto first_feed = feed_of(first);
  ASSERT_TRUE(first_feed->load());
  ASSERT_TRUE(first_feed->drain());
  ASSERT_TRUE(first_feed->save());
  for (std::uint8_t i = 21; i <= 40; ++i) {
    append(make_decision(i, kTestNowMs + i * 5 * kMinuteMs));
    // A click of a decision from before the restart; its miss has been learned and is put right.
    if (i % 3 == 0) {
      append(make_click(static_cast<std::uint8_t>(i - 10), "a",
                        kTestNowMs + (i - 10) * 5 * kMinuteMs + 1000));
    }
  }
  BanditBook second;
  const auto second_feed = feed_of(second);
  ASSERT_TRUE(second_feed->load());
  ASSERT_TRUE(second_feed->drain());
  const auto whole_feed = feed_of(whole);
  ASSERT_TRUE(whole_feed->drain());  // without the artefact, from the first record
  EXPECT_GT(status_of(whole).counters.corrected, 3U);
  const journal::Position end = journal_->durable_end();
  EXPECT_EQ(second.write(end), whole.write(end));
}

TEST_F(BanditFeedTest, ADamagedArtefactIsReportedAndLearningBeginsAnew) {
  append(make_decision(1, kTestNowMs));
  append(make_click(1, "a", kTestNowMs + 10));
  {
    BanditBook book;
    const auto feed = feed_of(book);
    ASSERT_TRUE(feed->load());
    ASSERT_TRUE(feed->drain());
    ASSERT_TRUE(feed->save());
  }
  auto bytes = read_file(files_, "/bandits.attune", 1 << 20);
  ASSERT_TRUE(bytes);
  for (const std::size_t at : {std::size_t{3}, bytes->size() / 2, bytes->size() - 1}) {
    std::string altered = *bytes;
    altered[at] = static_cast<char>(altered[at] ^ 4);
    ASSERT_TRUE(replace_file(files_, "/bandits.attune", altered));
    BanditBook book;
    const auto feed = feed_of(book);
    const auto loaded = feed->load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code(), ErrorCode::data_loss);
    ASSERT_TRUE(feed->drain());
    EXPECT_EQ(status_of(book).updates, 1U);  // from the journal
  }
}

TEST_F(BanditFeedTest, FrozenItServesWhatItKnewAndThawedWhatCameSince) {
  BanditBook book;
  const auto feed = feed_of(book);
  append(make_decision(1, kTestNowMs));
  append(make_click(1, "a", kTestNowMs + 10));
  ASSERT_TRUE(feed->load());
  ASSERT_TRUE(feed->drain());
  ASSERT_TRUE(feed->change([&] { return book.freeze(test_site(), "home", true); }));
  append(make_click(1, "b", kTestNowMs + 20));
  ASSERT_TRUE(feed->drain());
  const auto updates = [](const BanditBook& of) {
    return of.serving(test_site(), "home", BanditKind::thompson_linear)->updates();
  };
  EXPECT_EQ(updates(book), 1U);
  EXPECT_TRUE(status_of(book).is_frozen);
  ASSERT_TRUE(feed->save());
  BanditBook again;  // after a restart too
  const auto again_feed = feed_of(again);
  ASSERT_TRUE(again_feed->load());
  EXPECT_EQ(updates(again), 1U);
  ASSERT_TRUE(again_feed->change([&] { return again.freeze(test_site(), "home", false); }));
  EXPECT_EQ(updates(again), 2U);
}

TEST_F(BanditFeedTest, ResetForgetsForGood) {
  BanditBook book;
  const auto feed = feed_of(book);
  append(make_decision(1, kTestNowMs));
  append(make_click(1, "a", kTestNowMs + 10));
  ASSERT_TRUE(feed->load());
  ASSERT_TRUE(feed->drain());
  ASSERT_TRUE(feed->change([&] { return book.reset(test_site(), "home"); }));
  EXPECT_EQ(book.serving(test_site(), "home", BanditKind::thompson_linear)->updates(), 0U);
  BanditBook again;
  const auto again_feed = feed_of(again);
  ASSERT_TRUE(again_feed->load());
  ASSERT_TRUE(again_feed->drain());  // the records before the reset are not taken again
  EXPECT_EQ(status_of(again).updates, 0U);
  const auto missing = feed->change([&] { return book.reset(test_site(), "elsewhere"); });
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
}

TEST_F(BanditFeedTest, AnotherKindStartsAfreshAndSitesAreApart) {
  BanditBook book;
  const auto feed = feed_of(book);
  append(make_decision(1, kTestNowMs));
  append(make_decision(2, kTestNowMs, BanditKind::lin_ucb, test_site(2)));
  append(make_click(1, "a", kTestNowMs + 10));
  ASSERT_TRUE(feed->load());
  ASSERT_TRUE(feed->drain());
  EXPECT_EQ(book.status(std::nullopt).size(), 2U);
  EXPECT_EQ(book.serving(test_site(2), "home", BanditKind::lin_ucb)->updates(), 0U);
  append(make_decision(3, kTestNowMs + 100, BanditKind::square_cb));
  ASSERT_TRUE(feed->drain());
  EXPECT_EQ(status_of(book).kind, BanditKind::square_cb);
  EXPECT_EQ(status_of(book).updates, 0U);
  book.forget(test_site());
  EXPECT_TRUE(book.status(test_site()).empty());
}

TEST_F(BanditFeedTest, WhatMakesNoSenseIsCountedAndTeachesNothing) {
  BanditBook book({.models_max = 1});
  const auto feed = feed_of(book);
  event::Decision bad = make_decision(1, kTestNowMs);
  bad.factors_json = R"({"bandit":{"kind":"thompson_linear"}})";
  append(bad);
  event::Decision short_one = make_decision(2, kTestNowMs);
  short_one.items.pop_back();
  append(short_one);
  append(make_decision(3, kTestNowMs));
  append(make_decision(4, kTestNowMs, BanditKind::greedy, test_site(2)));  // one too many
  event::Decision plain = make_decision(5, kTestNowMs);
  plain.factors_json = R"({"exploration":0.05})";
  append(plain);
  event::Event bot = make_click(3, "a", kTestNowMs + 10);
  bot.is_bot = true;
  append(bot);
  ASSERT_TRUE(feed->load());
  ASSERT_TRUE(feed->drain());
  EXPECT_EQ(book.refused(), 3U);
  EXPECT_EQ(status_of(book).counters.decisions, 1U);
  EXPECT_EQ(status_of(book).updates, 0U);
}

TEST(BanditTraceTest, IsReadBackAsItWasWritten) {
  const auto trace = read_trace(make_decision(7, 1).factors_json);
  ASSERT_TRUE(trace && *trace);
  EXPECT_EQ((*trace)->placement, "home");
  EXPECT_EQ((*trace)->features.size(), 3U);
  EXPECT_EQ((*trace)->features[0], features_of(7));
  EXPECT_TRUE((*trace)->features[1].empty());
  EXPECT_FALSE(read_trace(R"({"bandit":[]})"));
  EXPECT_FALSE(read_trace(R"({"bandit":)"));
  const auto none = read_trace(R"({"exploration":1})");
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

}  // namespace
}  // namespace attune::decide
