// Profiles that follow random streams equal those computed anew from the tables: whatever visits
// belong to whom in the end, however the journal is cut, on both engines.
#include "profile/follower.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>

#include "etl/consumer.h"
#include "etl/memory_journal.h"
#include "etl/random_stream.h"
#include "learn/profile_vector.h"
#include "learn/site_data.h"
#include "migration/engines.h"
#include "profile/refresh.h"
#include "store/column_batch.h"

namespace attune::profile {
namespace {

using store::Engine;
using store::must;

// Ten days after the streams begin: some events come later, which nobody looks at.
constexpr std::int64_t kNowMs = 1'772'000'000'000 + 10 * 86'400'000LL;

constexpr const char* kProfiles = R"(
select
  cast(website_id as text), user_id, lifecycle_stage, funnel_position, session_count,
  total_pageviews, total_events, total_purchases, total_revenue, avg_session_duration,
  avg_time_on_page, avg_scroll_depth, bounce_rate, favorite_categories, favorite_products,
  price_sensitivity, preferred_brands, device_preference, first_visit, last_visit
from user_profiles
order by website_id, user_id
)";
constexpr const char* kFeatures = R"(
select site_id, user_id, feature_vector from user_context_features order by site_id, user_id
)";

std::string text_of(const store::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* json = std::get_if<store::Json>(&value)) return json->text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.6g}", *number);
  if (const auto* time = std::get_if<store::Timestamp>(&value)) return std::to_string(time->us);
  return "-";
}

class FollowTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::postgres && !store::Engines::has_postgres()) {
      GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    }
    const store::SqlCatalog own(GetParam());
    for (const auto& [path, file] : own.files()) files_.add(path, file.text);
    files_.add("t/profiles", kProfiles);
    files_.add("t/features", kFeatures);
    files_.add("t/sum", "select coalesce(cast(sum(session_count) as bigint), 0) "
                        "from user_profiles");
  }

  void open() {
    session_.reset();
    store_ = store::Engines::fresh(files_.catalog());
    must(store_->migrate());
    session_ = must(store_->session());
    store::ColumnBatch websites;
    auto& website_id = websites.add_uuid("website_id");
    auto& site_id = websites.add_text("site_id");
    auto& domain = websites.add_text("domain");
    auto& name = websites.add_text("name");
    for (const event::Site& site : etl::test_sites()) {
      website_id.push(site.id);
      site_id.push(site.id.text());
      domain.push("shop.example");
      name.push("shop");
    }
    must(session_->append("website", websites));
  }

  std::vector<std::string> lines() {
    std::vector<std::string> all;
    for (const char* file : {"t/profiles", "t/features"}) {
      for (const auto& row : must(session_->query(file, {})).rows) {
        std::string line;
        for (const store::Value& value : row) line += text_of(value) + " | ";
        all.push_back(std::move(line));
      }
    }
    return all;
  }

  void take_in(etl::MemoryJournal& journal, journal::Position until, std::size_t batch) {
    etl::Settings settings;
    settings.note_people = true;
    settings.batch_records_max = batch;
    etl::Consumer consumer(journal, *store_, sites_, clock_, settings);
    const auto done = consumer.run_until(until);
    ASSERT_TRUE(done) << done.error().message();
  }

  std::int64_t catch_up(std::int64_t people_max) {
    std::int64_t computed = 0;
    for (const event::Site& site : etl::test_sites()) {
      while (const auto some = must(refresh_dirty(*session_, site.id, kNowMs, people_max))) {
        computed += some;
      }
    }
    return computed;
  }

  store::TestFiles files_{GetParam()};
  const etl::FixedSites sites_{etl::test_sites()};
  RealClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
};

TEST_P(FollowTest, FollowingEqualsComputingAnew) {
  constexpr std::uint64_t kSeeds = 3;
  std::int64_t computed = 0;
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed * 104'729);
    etl::MemoryJournal journal;
    etl::append_random_stream({.seed = seed, .records = 300}, journal);
    const auto entries = journal.entries();
    ASSERT_NO_FATAL_FAILURE(open());
    for (std::size_t at = 0; at < entries.size();) {
      at += 1 + random() % (entries.size() / 4);
      const journal::Position until =
          at < entries.size() ? journal::Position{entries[at].position} : journal.durable_end();
      ASSERT_NO_FATAL_FAILURE(take_in(journal, until, random() % 2 == 0 ? 7 : 1000));
      if (random() % 3 == 0) {
        for (const event::Site& site : etl::test_sites()) {
          must(begin_sweep(*session_, site.id, kNowMs));
        }
      }
      if (random() % 3 != 0) computed += catch_up(random() % 2 == 0 ? 5 : 100);
    }
    computed += catch_up(100);
    const std::vector<std::string> followed = lines();
    for (const event::Site& site : etl::test_sites()) {
      must(refresh(*session_, site.id, kNowMs, {.fit = false, .people_max = 1'000'000}));
    }
    const std::vector<std::string> anew = lines();
    ASSERT_EQ(followed, anew);
    compared += anew.size();
  }
  EXPECT_GT(computed, 50);
  EXPECT_GT(compared, 30U) << "the streams have people";
}

TEST_P(FollowTest, ServingWorksOutTheSameNumbers) {
  std::size_t compared = 0;
  std::size_t with_orders = 0;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    etl::MemoryJournal journal;
    etl::append_random_stream({.seed = seed, .records = 400}, journal);
    ASSERT_NO_FATAL_FAILURE(open());
    ASSERT_NO_FATAL_FAILURE(take_in(journal, journal.durable_end(), 1000));
    std::map<std::pair<std::string, std::int64_t>, std::array<double, 50>> served;
    for (const event::Site& site : etl::test_sites()) {
      must(refresh(*session_, site.id, kNowMs, {.fit = false, .people_max = 1'000'000}));
      for (const learn::PersonFacts& person :
           must(learn::load_facts(*session_, site.id, kNowMs, 100'000, 256))) {
        served[{site.id.text(), person.user_id}] =
            learn::profile_vector(person.facts, person.orders, kNowMs * 1000);
        with_orders += person.orders.count > 0 ? 1 : 0;
      }
    }
    const store::Rows rows = must(session_->query("t/features", {}));
    EXPECT_EQ(rows.rows.size(), served.size());
    for (const auto& row : rows.rows) {
      const std::pair key{text_of(row[0]), std::get<std::int64_t>(row[1])};
      ASSERT_TRUE(served.contains(key));
      const boost::json::value stored = boost::json::parse(text_of(row[2]));
      const auto& numbers = stored.at("feature_vector").as_array();
      ASSERT_EQ(numbers.size(), 50U);
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        ASSERT_NEAR(numbers[i].to_number<double>(), served[key][i], 2e-6) << "number " << i + 1;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 20U);
  EXPECT_GT(with_orders, 2U);
}

TEST_P(FollowTest, TheFollowerSweepsAtFirstAndThenComputesWhatIsNoted) {
  open();
  etl::MemoryJournal journal;
  etl::append_random_stream({.seed = 3, .records = 200}, journal);
  etl::Settings settings;   // notes nobody, as a rebuild
  etl::Consumer consumer(journal, *store_, sites_, clock_, settings);
  must(consumer.run_until(journal.durable_end()));
  Follower follower(*store_, sites_, clock_);
  EXPECT_GT(must(follower.step(*session_)), 0) << "the first sweep finds everybody";
  EXPECT_EQ(must(follower.step(*session_)), 0) << "and the next one is not due";
  EXPECT_EQ(follower.status().sweeps, etl::test_sites().size());
  const std::int64_t before = std::get<std::int64_t>(must(session_->query("t/sum", {})).rows[0][0]);
  EXPECT_GT(before, 0);
}

TEST_P(FollowTest, TheThreadFollowsByItself) {
  open();
  etl::MemoryJournal journal;
  etl::append_random_stream({.seed = 4, .records = 200}, journal);
  Follower follower(*store_, sites_, clock_, {.pause_ms = 1});
  follower.start();
  etl::Settings settings;
  settings.note_people = true;
  etl::Consumer consumer(journal, *store_, sites_, clock_, settings);
  must(consumer.start());
  ASSERT_TRUE(consumer.wait_for(journal.durable_end(), 60'000));
  const auto left = [&] { return must(session_->query("profile/dirty.sites", {})).rows.size(); };
  std::mutex mutex;
  std::condition_variable never;
  for (int step = 0; step < 6000 && left() > 0; ++step) {
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(10));
  }
  consumer.stop();
  follower.stop();
  EXPECT_EQ(left(), 0U) << follower.status().error;
  EXPECT_GT(follower.status().people, 0U);
  EXPECT_FALSE(follower.status().running);
  EXPECT_FALSE(lines().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, FollowTest, testing::Values(Engine::duckdb, Engine::postgres),
                         [](const auto& each) { return std::string(to_string(each.param)); });

}  // namespace
}  // namespace attune::profile
