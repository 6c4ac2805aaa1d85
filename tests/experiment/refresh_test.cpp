// The sums of a test, made bit by bit while events and exposures come in, are those that a plain
// count over all of them gives: test_unit, test_unit_metric, test_statistic, test_quantile,
// test_refresh and test_scope on both engines.
#include "experiment/refresh.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
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
  {"name":"back","kind":"retention","window_days":3},
  {"name":"cut","kind":"revenue","winsor":{"quantile":0.8,"ignore_zeros":true}},
  {"name":"order median","kind":"quantile","event":"purchase","property":"revenue","quantile":0.5,
   "per":"event"},
  {"name":"views median","kind":"quantile","event":"pageview","quantile":0.5}])";

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

/// metric and variation; then people, amounts, the quantile and its two order statistics.
using Quantiles = std::map<std::pair<std::string, std::string>,
                           std::array<std::optional<double>, 5>>;

struct Plain {
  Sums sums;
  Quantiles quantiles;
};

struct World {
  std::vector<event::Event> events;
  std::vector<event::Exposure> exposures;
};

bool is_of(const event::Event& event, std::size_t metric) {
  if (metric < 7 && metric % 2 == 0) return event.event_type == "purchase";
  if (metric == 1) return event.event_type == "pageview" && event.path.starts_with("/shop");
  if (metric == 3) {
    return event.event_type == "signup" && event.raw_json.find("\"pro\"") != std::string::npos;
  }
  return event.event_type == "pageview";
}

double amount_of(const event::Event& event, std::size_t metric) {
  if (metric == 2 || metric == 6) return event.revenue;
  return metric == 3 ? static_cast<double>(event.field_count) : 1;   // see make_event
}

/// What one person did, counted plainly.
std::array<Numbers, 8> numbers_of(const World& world, const std::string& visitor,
                                  std::int64_t first_ms) {
  std::array<Numbers, 8> numbers{};
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

/// One person who counts, with what that person did.
struct Counted {
  const event::Exposure* first = nullptr;
  std::array<Numbers, 8> numbers{};
  std::vector<double> orders;   // after the exposure
};

std::vector<Counted> everybody(const World& world) {
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
  std::vector<Counted> counted;
  for (const auto& [visitor, person] : people) {
    const event::Exposure& first = *person.first;
    const bool bot = std::ranges::any_of(world.events, [&](const event::Event& event) {
      return event.is_bot && event.visitor_id == visitor;
    });
    if (person.mixed || bot || first.exposed_ms < kStartMs || first.variation_id == "z") continue;
    Counted& found = counted.emplace_back();
    found.first = &first;
    found.numbers = numbers_of(world, visitor, first.exposed_ms);
    for (const event::Event& event : world.events) {
      if (event.visitor_id != visitor || event.event_type != "purchase") continue;
      if (event.timestamp_ms >= first.exposed_ms) found.orders.push_back(event.revenue);
    }
  }
  return counted;
}

/// Each person's values; how far the order statistics are away from the quantile is in ranks.
std::array<std::optional<double>, 5> plain_quantile(const std::vector<std::vector<double>>& people,
                                                    double quantile, bool of_events) {
  std::vector<double> sorted;
  for (const auto& values : people) sorted.insert(sorted.end(), values.begin(), values.end());
  std::ranges::sort(sorted);
  const double n = static_cast<double>(sorted.size());
  const auto at = [&](double rank) -> std::optional<double> {
    if (!(rank >= 1 && rank <= n)) return std::nullopt;
    return sorted[static_cast<std::size_t>(rank) - 1];
  };
  const double value = *at(std::max(1.0, std::ceil(n * quantile)));
  const double k = static_cast<double>(people.size());
  double spread = n * quantile * (1 - quantile);
  if (of_events) {
    const auto share = static_cast<double>(std::ranges::count_if(
                           sorted, [&](double each) { return each <= value; })) / n;
    spread = 0;
    for (const auto& values : people) {
      double over = 0;   // what this person has below, beyond the share of all
      for (const double each : values) over += (each <= value ? 1 : 0) - share;
      spread += over * over * k / (k - 1);
    }
  }
  const double reach = 1.959963984540054 * std::sqrt(spread);
  return {k, n, value, at(std::floor(n * quantile - reach)), at(std::ceil(n * quantile + reach))};
}

/// Cuts the seventh metric at a quantile of those who bought.
void cut(std::vector<Counted>& people, Quantiles& quantiles) {
  std::vector<std::vector<double>> spent;
  for (const Counted& person : people) {
    if (person.numbers[6][0] != 0) spent.push_back({person.numbers[6][0]});
  }
  if (spent.empty()) return;
  const auto found = plain_quantile(spent, 0.8, false);
  quantiles[{"cut", ""}] = found;
  for (Counted& person : people) {
    for (const std::size_t side : {0U, 2U}) {
      person.numbers[6][side] = std::min(person.numbers[6][side], *found[2]);
    }
  }
}

Plain plain_count(const World& world) {
  static constexpr std::array<const char*, 7> kNames = {"bought",   "views", "value", "seats",
                                                        "per view", "back",  "cut"};
  Plain plain;
  std::vector<Counted> people = everybody(world);
  cut(people, plain.quantiles);
  std::map<std::string, std::vector<std::vector<double>>> orders;
  std::map<std::string, std::vector<std::vector<double>>> views;
  for (const Counted& person : people) {
    const event::Exposure& first = *person.first;
    if (!person.orders.empty()) orders[first.variation_id].push_back(person.orders);
    views[first.variation_id].push_back({person.numbers[7][0]});
    const int day = static_cast<int>(first.exposed_ms / kDayMs);
    std::vector<std::pair<std::string, std::string>> dimensions = {{"", ""}};
    if (!first.attributes_json.empty()) dimensions.emplace_back("device", "mobile");
    for (const auto& [dimension, value] : dimensions) {
      add(plain.sums, {"", first.variation_id, dimension, value, day}, 1, {});
      for (std::size_t metric = 0; metric < kNames.size(); ++metric) {
        const Numbers& numbers = person.numbers[metric];
        if (numbers == Numbers{}) continue;
        add(plain.sums, {kNames[metric], first.variation_id, dimension, value, day}, 0, numbers);
      }
    }
  }
  for (const auto& [variation, of] : orders) {
    plain.quantiles[{"order median", variation}] = plain_quantile(of, 0.5, true);
  }
  for (const auto& [variation, of] : views) {
    plain.quantiles[{"views median", variation}] = plain_quantile(of, 0.5, false);
  }
  return plain;
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

  Quantiles stored_quantiles() {
    Quantiles quantiles;
    const auto session = store_->session();
    EXPECT_TRUE(session);
    const std::array of_test{store::Value{the_test().site}, store::Value{the_test().id}};
    const auto rows = (*session)->query("experiment/quantiles", of_test);
    EXPECT_TRUE(rows) << rows.error().message();
    for (const auto& row : rows->rows) {
      auto& held = quantiles[{std::get<std::string>(row[0]), std::get<std::string>(row[1])}];
      for (std::size_t i = 0; i < held.size(); ++i) {
        if (const auto* number = std::get_if<double>(&row[2 + i])) held[i] = *number;
      }
    }
    return quantiles;
  }

  static void expect_same(const Quantiles& expected, const Quantiles& found) {
    EXPECT_EQ(expected.size(), found.size());
    for (const auto& [key, numbers] : expected) {
      const auto other = found.find(key);
      ASSERT_NE(other, found.end()) << key.first << " of " << key.second;
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        ASSERT_EQ(numbers[i].has_value(), other->second[i].has_value())
            << key.first << " of " << key.second << ", number " << i;
        if (numbers[i]) {
          EXPECT_NEAR(*numbers[i], *other->second[i], 1e-9) << key.first << ", number " << i;
        }
      }
    }
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
    const RefreshOptions by_parts{.stop = {}, .people_at_once = 7};
    const auto done = refresh(**session, test, now_ms, step % 2 == 0 ? by_parts : RefreshOptions{});
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->from_scratch, step == 0);
    EXPECT_EQ(done->position, static_cast<std::int64_t>(journal.durable_end().offset));
    const Plain plain = plain_count(world);
    expect_same(shaped(plain.sums), stored(), "bit by bit");
    expect_same(plain.quantiles, stored_quantiles());
    const auto again = refresh(**session, test, now_ms);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->units, 0) << "nothing is new";
  }
  EXPECT_GT(stored().size(), 40U);
  const auto session = store_->session();
  const Quantiles quantiles = stored_quantiles();
  EXPECT_EQ(quantiles.size(), 5U);
  EXPECT_TRUE(quantiles.at({"order median", "a"})[3] && quantiles.at({"order median", "a"})[4]);
  ASSERT_TRUE(forget_sums(**session, test));
  EXPECT_TRUE(stored().empty() && stored_quantiles().empty());
  ASSERT_TRUE(refresh(**session, test, kStartMs));
  const Plain plain = plain_count(world);
  expect_same(shaped(plain.sums), stored(), "anew");
  expect_same(plain.quantiles, stored_quantiles());
}

INSTANTIATE_TEST_SUITE_P(Engines, RefreshTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         [](const auto& each) {
                           return each.param == store::Engine::duckdb ? "duckdb" : "postgres";
                         });

}  // namespace
}  // namespace attune::experiment
