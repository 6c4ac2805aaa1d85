#include "decide/live_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "test_shop.h"

namespace attune::decide {
namespace {

/// A journal in memory, with only what a reader needs.
class TestJournal final : public journal::Journal {
 public:
  void append(journal::RecordBatch batch, journal::AppendDone done) override {
    const std::lock_guard lock(mutex_);
    std::size_t begin = 0;
    for (const std::uint32_t end : batch.ends) {
      records_.push_back(batch.bytes.substr(begin, end - begin));
      begin = end;
    }
    grown_.notify_all();
    done(journal::Position{records_.size() - batch.count()});
  }
  Result<std::unique_ptr<journal::Reader>> read(journal::Position from) override {
    if (from.offset < first_) return fail(ErrorCode::not_found, "deleted by retention");
    return std::unique_ptr<journal::Reader>(std::make_unique<TestReader>(*this, from.offset));
  }
  bool wait(journal::Position after, std::int64_t wait_ms) override {
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                           [&] { return records_.size() > after.offset; });
  }
  journal::Position first() const override { return {first_}; }
  journal::Position durable_end() const override { return {records_.size()}; }
  Result<std::uint64_t> retain_from(journal::Position before) override {
    first_ = before.offset;
    return 0;
  }

  void add(const TestEvent& given) {
    journal::RecordBatch batch;
    std::string body;
    event::encode(event_of(given), body);
    batch.add(body);
    append(std::move(batch), [](auto) {});
  }
  void add_bytes(std::string_view bytes) {
    journal::RecordBatch batch;
    batch.add(bytes);
    append(std::move(batch), [](auto) {});
  }
  void break_reader() {
    const std::lock_guard lock(mutex_);
    is_broken_ = true;
  }

 private:
  class TestReader final : public journal::Reader {
   public:
    TestReader(TestJournal& journal, std::uint64_t at) : journal_(journal), at_(at) {}
    Result<std::optional<journal::Record>> next() override {
      const std::lock_guard lock(journal_.mutex_);
      if (journal_.is_broken_) return fail(ErrorCode::data_loss, "damaged");
      if (at_ == journal_.records_.size()) return std::optional<journal::Record>{};
      body_ = journal_.records_[at_];
      ++at_;
      return std::optional<journal::Record>(journal::Record{{at_ - 1}, {at_}, body_});
    }
    journal::Position position() const override { return {at_}; }

   private:
    TestJournal& journal_;
    std::uint64_t at_;
    std::string body_;
  };

  std::mutex mutex_;
  std::condition_variable grown_;
  std::vector<std::string> records_;
  std::uint64_t first_ = 0;
  bool is_broken_ = false;
};

class LiveFeedTest : public testing::Test {
 protected:
  /// Waits until `done`, or fails after ten seconds.
  template <class Done>
  void eventually(Done&& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      journal_.wait(journal::Position{~0ULL}, 1);
    }
  }
  bool knows(const std::string& visitor) {
    Trail trail;
    return live_.find_trail(test_site(), visitor, "", trail);
  }

  TestJournal journal_;
  LiveState live_;
  RealClock clock_;
  Decider decider_{live_, nullptr, clock_, {.exploration = 0, .temperature = 0}};
};

TEST_F(LiveFeedTest, WarmsFromTheJournalAndFollowsIt) {
  journal_.add({"ann", "s1", {"mug"}});
  LiveFeed feed(journal_, live_, decider_, clock_, {.wait_ms = 5, .popular_every_ms = 1});
  ASSERT_TRUE(feed.start({}));
  eventually([&] { return feed.status().is_warm; });
  EXPECT_TRUE(knows("ann"));
  journal_.add({"bob", "s2", {"hat"}});
  eventually([&] { return knows("bob"); });
  eventually([&] {
    const auto answer = decider_.recommend({.site = test_site(), .count = 5});
    return answer && answer->items.size() == 2;
  });
  feed.stop();
  EXPECT_EQ(feed.status().records, 2U);
  EXPECT_EQ(feed.status().position.offset, 2U);
  EXPECT_FALSE(feed.status().has_failed);
}

TEST_F(LiveFeedTest, StartsWhereItIsTold) {
  journal_.add({"ann", "s1", {"mug"}});
  journal_.add({"bob", "s2", {"hat"}});
  LiveFeed feed(journal_, live_, decider_, clock_);
  ASSERT_TRUE(feed.drain({1}));
  EXPECT_FALSE(knows("ann"));
  EXPECT_TRUE(knows("bob"));
  ASSERT_TRUE(journal_.retain_from({1}));
  EXPECT_EQ(feed.drain({0}).error().code(), ErrorCode::not_found);
  EXPECT_EQ(feed.start({0}).error().code(), ErrorCode::not_found);
}

TEST_F(LiveFeedTest, SkipsWhatIsNotAnEvent) {
  journal_.add_bytes("\xff not a record");
  journal_.add_bytes(std::string("\x01\x7f\x7f\x7f", 4));
  std::string decision;
  event::encode(event::Decision{}, decision);
  journal_.add_bytes(decision);
  journal_.add({"ann", "s1", {"mug"}});
  LiveFeed feed(journal_, live_, decider_, clock_);
  ASSERT_TRUE(feed.drain({}));
  EXPECT_TRUE(knows("ann"));
  EXPECT_EQ(feed.status().undecodable, 2U);
  EXPECT_EQ(feed.status().records, 4U);
}

TEST_F(LiveFeedTest, SaysWhereTheNextStartShouldBegin) {
  std::vector<std::uint64_t> kept;
  LiveFeed feed(
      journal_, live_, decider_, clock_,
      {.warm_ms = kTestHourMs, .keep = [&](journal::Position at) { kept.push_back(at.offset); }});
  for (int minute = 0; minute <= 180; minute += 10) {
    journal_.add({"ann", "s1", {"mug"}, kTestNowMs + minute * 60'000});
  }
  ASSERT_TRUE(feed.drain({}));
  EXPECT_THAT(kept, testing::ElementsAre(12U)) << "record 12 came an hour before the last";
  ASSERT_TRUE(feed.drain({19}));
  EXPECT_EQ(kept.size(), 1U) << "nothing new, nothing told";
}

TEST_F(LiveFeedTest, ADamagedJournalStopsItAndIsReported) {
  LiveFeed feed(journal_, live_, decider_, clock_, {.wait_ms = 5});
  journal_.add({"ann", "s1", {"mug"}});
  ASSERT_TRUE(feed.start({}));
  eventually([&] { return feed.status().is_warm; });
  journal_.break_reader();
  eventually([&] { return feed.status().has_failed; });
  EXPECT_TRUE(knows("ann")) << "answers go on with what is in memory";
}

}  // namespace
}  // namespace attune::decide
