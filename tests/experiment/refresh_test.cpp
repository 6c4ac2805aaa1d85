// The sums of a test, made bit by bit while events and exposures come in, are those that a plain
// count over all of them gives: test_unit, test_unit_metric, test_statistic, test_refresh and
// test_scope on both engines.
#include "experiment/refresh.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "base/time_zone.h"
#include "etl/consumer.h"
#include "etl/memory_journal.h"
#include "experiment/life_cycle.h"
#include "store/duckdb/duckdb_store.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr std::int64_t kStartMs = 1'790'000'000'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr int kBeforeDays = 3;

constexpr std::string_view kMetrics = R"([
  {"name":"bought","kind":"conversion","event":"purchase"},
  {"name":"views","kind":"count","event":"pageview","where":{"path":"/shop*"},"window_days":2},
  {"name":"value","kind":"revenue","winsor":{"cap":30}},
  {"name":"seats","kind":"sum","event":"signup","property":"plan.seats","where":{"tier":"pro"}},
  {"name":"per view","kind":"ratio","event":"purchase","denominator":{"event":"pageview"}},
  {"name":"back","kind":"retention","window_days":3}])";

event::Site the_site() {
  event::Site site;
  site.id = *Uuid::parse("6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01");
  site.timezone = "UTC";
  return site;
}

Test the_test() {
  Test test;
  test.id = *Uuid::parse("00000000-0000-4000-8000-00000000000a");
  test.site = the_site().id.text();
  test.key = "colour";
  test.hash_attribute = "visitor_id";
  test.status = "Active";
  test.design = {{"metrics", json::parse(kMetrics)}, {"cuped_days", kBeforeDays}};
  test.guardrails = json::array();
  test.started_ms = kStartMs;
  test.arms = {{"a", true, 50, {}}, {"b", false, 50, {}}};
  return test;
}

/// y, d, x, e of one person and metric.
using Numbers = std::array<double, 4>;
/// metric, variation, dimension, its value, day; then units and the fourteen sums.
using Key = std::tuple<std::string, std::string, std::string, std::string, int>;
using Sums = std::map<Key, std::array<double, 15>>;

struct World {
  std::vector<event::Event> events;
  std::vector<event::Exposure> exposures;
};

bool is_of(const event::Event& event, std::size_t metric) {
  if (metric == 0 || metric == 2 || metric == 4) return event.event_type == "purchase";
  if (metric == 1) return event.event_type == "pageview" && event.path.starts_with("/shop");
  if (metric == 3) {
    return event.event_type == "signup" && event.raw_json.find("\"pro\"") != std::string::npos;
  }
  return event.event_type == "pageview";
}

double amount_of(const event::Event& event, std::size_t metric) {
  if (metric == 2) return event.revenue;
  return metric == 3 ? static_cast<double>(event.field_count) : 1;   // see make_event
}

/// What one person did, counted plainly.
std::array<Numbers, 6> numbers_of(const World& world, const std::string& visitor,
                                  std::int64_t first_ms) {
  std::array<Numbers, 6> numbers{};
  for (const event::Event& event : world.events) {
    if (event.visitor_id != visitor || event.is_bot) continue;
    const std::int64_t age_ms = event.timestamp_ms - first_ms;
    for (std::size_t metric = 0; metric < numbers.size(); ++metric) {
      const std::int64_t days = metric == 1 ? 2 : metric == 5 ? 3 : 1'000;
      const std::int64_t until_ms = days * kDayMs;
      const bool after = age_ms >= (metric == 5 ? kDayMs : 0) && age_ms < until_ms;
      const bool before = metric != 5 && age_ms < 0 && age_ms >= -kBeforeDays * kDayMs;
      if (!after && !before) continue;
      Numbers& of = numbers[metric];
      if (is_of(event, metric)) of[after ? 0 : 2] += amount_of(event, metric);
      if (metric == 4 && event.event_type == "pageview") of[after ? 1 : 3] += 1;
    }
  }
  for (const std::size_t side : {0U, 2U}) {
    numbers[0][side] = std::min(numbers[0][side], 1.0);
    numbers[5][side] = std::min(numbers[5][side], 1.0);
    numbers[2][side] = std::min(numbers[2][side], 30.0);
  }
  return numbers;
}

void add(Sums& sums, const Key& key, double units, const Numbers& n) {
  const auto [y, d, x, e] = n;
  const std::array<double, 15> more = {units, y,     y * y, d,     d * d, y * d, x,    x * x,
                                       e,     e * e, x * e, y * x, d * e, y * e, x * d};
  std::array<double, 15>& held = sums[key];
  for (std::size_t i = 0; i < more.size(); ++i) held[i] += more[i];
}

Sums plain_count(const World& world) {
  static constexpr std::array<const char*, 6> kNames = {"bought", "views", "value", "seats",
                                                        "per view", "back"};
  struct Person {
    const event::Exposure* first = nullptr;
    bool mixed = false;
  };
  std::map<std::string, Person> people;
  for (const event::Exposure& exposure : world.exposures) {
    Person& person = people[exposure.visitor_id];
    if (person.first != nullptr && person.first->variation_id != exposure.variation_id) {
      person.mixed = true;
    }
    if (person.first == nullptr || exposure.exposed_ms < person.first->exposed_ms) {
      person.first = &exposure;
    }
  }
  Sums sums;
  for (const auto& [visitor, person] : people) {
    const event::Exposure& first = *person.first;
    const bool bot = std::ranges::any_of(world.events, [&](const event::Event& event) {
      return event.is_bot && event.visitor_id == visitor;
    });
    if (person.mixed || bot || first.exposed_ms < kStartMs || first.variation_id == "z") continue;
    const int day = static_cast<int>(first.exposed_ms / kDayMs);
    const auto numbers = numbers_of(world, visitor, first.exposed_ms);
    std::vector<std::pair<std::string, std::string>> dimensions = {{"", ""}};
    if (!first.attributes_json.empty()) dimensions.emplace_back("device", "mobile");
    for (const auto& [dimension, value] : dimensions) {
      add(sums, {"", first.variation_id, dimension, value, day}, 1, {});
      for (std::size_t metric = 0; metric < numbers.size(); ++metric) {
        if (numbers[metric] == Numbers{}) continue;
        add(sums, {kNames[metric], first.variation_id, dimension, value, day}, 0, numbers[metric]);
      }
    }
  }
  return sums;
}

event::Event make_event(std::mt19937_64& random, std::int64_t now_ms) {
  event::Event event;
  event.site = the_site().id;
  event.event_id = Uuid::random();
  event.received_ms = now_ms;
  event.timestamp_ms = now_ms - static_cast<std::int64_t>(random() % (20 * kHourMs));
  event.visitor_id = "v" + std::to_string(random() % 40);
  event.session_id = "s" + event.visitor_id;
  event.is_bot = random() % 150 == 0;
  switch (random() % 4) {
    case 0:
      event.kind = event::Kind::purchase;
      event.event_type = "purchase";
      event.revenue = static_cast<double>(random() % 4000) / 100;
      event.raw_json = R"({"revenue":)" + std::to_string(event.revenue) + "}";
      event.revenue = json::parse(event.raw_json).at("revenue").to_number<double>();
      break;
    case 1:
      event.kind = event::Kind::custom;
      event.event_type = "signup";
      event.field_count = static_cast<std::int32_t>(random() % 9);
      event.raw_json = R"({"data":{"tier":")" + std::string(random() % 2 ? "pro" : "free") +
                       R"(","plan":{"seats":)" + std::to_string(event.field_count) + "}}}";
      break;
    default:
      event.kind = event::Kind::pageview;
      event.event_type = "pageview";
      event.path = random() % 2 ? "/shop/1" : "/about";
      event.raw_json = "{}";
  }
  return event;
}

event::Exposure make_exposure(std::mt19937_64& random, std::int64_t now_ms) {
  event::Exposure exposure;
  exposure.site = the_site().id;
  exposure.received_ms = now_ms;
  exposure.exposed_ms = now_ms - static_cast<std::int64_t>(random() % kHourMs);
  const std::uint64_t visitor = random() % 40;
  exposure.visitor_id = "v" + std::to_string(visitor);
  exposure.test_key = random() % 9 == 0 ? "another" : "colour";
  exposure.variation_id = visitor % 20 == 3 ? "z" : visitor % 2 != 0 ? "a" : "b";
  if (random() % 30 == 0) exposure.variation_id = "b";
  exposure.source = "api";
  if (random() % 2) exposure.attributes_json = R"({"device":"mobile","bad \"key~!":"x"})";
  return exposure;
}

class RefreshTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::duckdb) {
      auto store = store::open_duckdb({.file = {}, .threads = 1});
      ASSERT_TRUE(store) << store.error().message();
      store_ = std::move(*store);
    } else {
      const std::string binaries = store::newest_postgres();
      if (binaries.empty()) GTEST_SKIP() << "no PostgreSQL: nothing checked";
      cluster_ = std::make_unique<store::Cluster>(binaries);
      cluster_->feed("create database one;");
      auto store = store::open_postgres({.url = cluster_->url("one")});
      ASSERT_TRUE(store) << store.error().message();
      store_ = std::move(*store);
    }
    const auto migrated = store_->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message();
  }

  Sums stored() {
    Sums sums;
    const auto session = store_->session();
    EXPECT_TRUE(session);
    const experiment::Test test = the_test();
    const std::array of_test{store::Value{test.site}, store::Value{test.id}};
    const auto days = (*session)->query("experiment/statistic.days", of_test);
    const auto totals = (*session)->query("experiment/statistic.totals", of_test);
    EXPECT_TRUE(days && totals);
    const auto text = [](const store::Value& value) { return std::get<std::string>(value); };
    for (const auto& row : days->rows) {
      auto& held = sums[{text(row[0]), text(row[1]), "", "", std::get<store::Date>(row[2]).days}];
      for (std::size_t i = 0; i < 15; ++i) held[i] = std::get<double>(row[3 + i]);
    }
    for (const auto& row : totals->rows) {
      if (text(row[2]).empty()) continue;
      auto& held = sums[{text(row[0]), text(row[1]), text(row[2]), text(row[3]), 0}];
      for (std::size_t i = 0; i < 15; ++i) held[i] = std::get<double>(row[4 + i]);
    }
    return sums;
  }

  /// Days of a dimension value added up, as the statement of totals does.
  static Sums shaped(const Sums& counted) {
    Sums sums;
    for (const auto& [key, numbers] : counted) {
      const auto& [metric, variation, dimension, value, day] = key;
      auto& held = sums[{metric, variation, dimension, value, dimension.empty() ? day : 0}];
      for (std::size_t i = 0; i < 15; ++i) held[i] += numbers[i];
    }
    return sums;
  }

  static void expect_same(const Sums& expected, const Sums& found, const std::string& when) {
    EXPECT_EQ(expected.size(), found.size()) << when;
    for (const auto& [key, numbers] : expected) {
      const auto other = found.find(key);
      ASSERT_NE(other, found.end()) << when << ": " << std::get<0>(key) << " of "
                                    << std::get<1>(key) << " on " << std::get<4>(key);
      for (std::size_t i = 0; i < 15; ++i) {
        EXPECT_NEAR(other->second[i], numbers[i], 1e-7 * (1 + std::abs(numbers[i])))
            << when << ": " << std::get<0>(key) << " of " << std::get<1>(key) << ", sum " << i;
      }
    }
  }

  std::unique_ptr<store::Cluster> cluster_;
  std::unique_ptr<store::Store> store_;
  etl::FixedSites sites_{{the_site()}};
  RealClock clock_;
};

TEST_P(RefreshTest, SumsMadeBitByBitAreThoseOfAPlainCount) {
  std::mt19937_64 random(20);
  etl::MemoryJournal journal;
  World world;
  const experiment::Test test = the_test();
  for (int step = 0; step < 10; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const std::int64_t now_ms = kStartMs - kDayMs + step * 12 * kHourMs;
    for (int count = 0; count < 60; ++count) {
      if (now_ms > kStartMs - kHourMs && random() % 4 == 0) {
        world.exposures.push_back(make_exposure(random, now_ms));
        journal.add(world.exposures.back());
        if (world.exposures.back().test_key != "colour") world.exposures.pop_back();
      } else {
        world.events.push_back(make_event(random, now_ms));
        journal.add(world.events.back());
      }
    }
    etl::Consumer consumer(journal, *store_, sites_, clock_, {});
    const auto ran = consumer.run_until(journal.durable_end());
    ASSERT_TRUE(ran) << ran.error().message();
    const auto session = store_->session();
    ASSERT_TRUE(session);
    const auto done = refresh(**session, test, now_ms);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->from_scratch, step == 0);
    EXPECT_EQ(done->position, static_cast<std::int64_t>(journal.durable_end().offset));
    expect_same(shaped(plain_count(world)), stored(), "bit by bit");
    const auto again = refresh(**session, test, now_ms);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->units, 0) << "nothing is new";
  }
  EXPECT_GT(stored().size(), 40U);
  const auto session = store_->session();
  ASSERT_TRUE(forget_sums(**session, test));
  EXPECT_TRUE(stored().empty());
  ASSERT_TRUE(refresh(**session, test, kStartMs));
  expect_same(shaped(plain_count(world)), stored(), "anew");
}

INSTANTIATE_TEST_SUITE_P(Engines, RefreshTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         [](const auto& each) {
                           return each.param == store::Engine::duckdb ? "duckdb" : "postgres";
                         });

}  // namespace
}  // namespace attune::experiment
