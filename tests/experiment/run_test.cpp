// A test from its start to its end, on both engines: rows of an account, exposures and events by
// the ETL, snapshots that say again what they said.
#include "experiment/run.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <future>
#include <random>
#include <thread>

#include "campaign/account_fixture.h"
#include "etl/consumer.h"
#include "etl/memory_journal.h"
#include "etl/faulty_store.h"
#include "experiment/exact_json.h"
#include "experiment/refresh.h"
#include "experiment/results.h"
#include "experiment/runner.h"
#include "experiment/summaries.h"
#include "experiment/test_store.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;
using campaign::Fields;
using campaign::Row;
using store::Json;
using store::Value;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kStartMs = 20'700 * kDayMs + 2 * kHourMs;

/// Equal to the last bit; 5 and 5.0 are one number, which is how PostgreSQL stores them.
bool same(const json::value& left, const json::value& right) {
  if (left.is_number() && right.is_number()) {
    return left.to_number<double>() == right.to_number<double>();
  }
  if (left.is_object() && right.is_object()) {
    const json::object& other = right.get_object();
    return left.get_object().size() == other.size() &&
           std::ranges::all_of(left.get_object(), [&](const auto& field) {
             const json::value* found = other.if_contains(field.key());
             return found != nullptr && same(field.value(), *found);
           });
  }
  if (left.is_array() && right.is_array()) {
    return std::ranges::equal(left.get_array(), right.get_array(), same);
  }
  return left == right;
}

class RunTest : public campaign::AccountFixture {
 protected:
  void SetUp() override {
    campaign::AccountFixture::SetUp();
    if (IsSkipped()) return;
    site_.id = *Uuid::parse("6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01");
    sites_ = std::make_unique<etl::FixedSites>(std::vector{site_});
    make("meta_user_profiles", {});
  }

  Uuid make(std::string_view table_name, const std::map<std::string, Value>& values) {
    const campaign::Table& of = table(table_name);
    Fields fields(of.columns.size());
    for (const auto& [name, value] : values) fields[*of.find(name)] = value;
    const auto row = accounts_.create(*session_, of, ours_, fields);
    EXPECT_TRUE(row) << row.error().message();
    return std::get<Uuid>((*row)[0]);
  }

  Uuid make_test(const std::string& name, const std::string& engine, const std::string& more = "",
                 const std::map<std::string, Value>& columns = {}) {
    std::map<std::string, Value> values = columns;
    values["name"] = name;
    values["engine"] = engine;
    values["site_id"] = site_.id.text();
    values.try_emplace("primary_metric", std::string("bought"));
    if (!values.contains("design")) {
      values["design"] = Json{R"({"metrics":[
          {"name":"bought","kind":"conversion","event":"purchase"},
          {"name":"value","kind":"revenue"}])" + more + "}"};
    }
    const Uuid id = make("ab_tests", values);
    for (const std::string arm : {"a", "b"}) {
      make("test_variations", {{"ab_test_id", id}, {"variation_id", arm}, {"name", arm},
                               {"is_control", arm == "a"}});
    }
    return id;
  }

  experiment::Test loaded(const Uuid& id) {
    auto test = load_test(*session_, static_cast<std::int64_t>(ours_), id);
    EXPECT_TRUE(test) << test.error().message();
    return *test;
  }

  void step(const Uuid& id, Action action, std::int64_t now_ms) {
    const auto done = take_step(*session_, loaded(id), {.action = action, .by = "ann",
                                                        .reason = "because", .winner = {},
                                                        .now_ms = now_ms});
    ASSERT_TRUE(done) << done.error().message();
  }

  /// So many people in each variation, of whom a share buys.
  void feed(const std::string& key, int people, std::array<double, 2> rates, std::int64_t at_ms) {
    for (int n = 0; n < 2 * people; ++n) {
      const std::size_t arm = static_cast<std::size_t>(n % 2);
      event::Exposure exposure;
      exposure.site = site_.id;
      exposure.exposed_ms = exposure.received_ms = at_ms;
      exposure.visitor_id = key + std::to_string(at_ms) + "-" + std::to_string(n);
      exposure.test_key = key;
      exposure.variation_id = arm == 0 ? "a" : "b";
      exposure.attributes_json = n % 4 < 2 ? R"({"device":"mobile"})" : R"({"device":"desktop"})";
      journal_.add(exposure);
      if (n / 2 % 100 >= static_cast<int>(rates[arm] * 100)) continue;
      event::Event event;
      event.site = site_.id;
      event.event_id = Uuid::random();
      event.kind = event::Kind::purchase;
      event.event_type = "purchase";
      event.visitor_id = exposure.visitor_id;
      event.received_ms = event.timestamp_ms = at_ms + 1000;
      event.revenue = 10 + n % 97;
      event.raw_json = R"({"revenue":)" + std::to_string(10 + n % 97) + "}";
      spent_[arm].push_back(event.revenue);
      journal_.add(event);
    }
    etl::Consumer consumer(journal_, *store_, *sites_, clock_, {});
    const auto ran = consumer.run_until(journal_.durable_end());
    ASSERT_TRUE(ran) << ran.error().message();
  }

  /// Somebody clicks at that time, `times` times.
  void click(const std::string& visitor, std::int64_t at_ms, int times, bool is_bot = false) {
    for (int n = 0; n < times; ++n) {
      event::Event event;
      event.site = site_.id;
      event.event_id = Uuid::random();
      event.kind = event::Kind::click;
      event.event_type = "click";
      event.visitor_id = visitor;
      event.received_ms = event.timestamp_ms = at_ms + n;
      event.is_bot = is_bot;
      event.raw_json = "{}";
      journal_.add(event);
    }
  }
  /// Clicks, and the share of people who did, by variation.
  std::map<std::string, std::pair<std::int64_t, double>> clicks(const Uuid& id) {
    const campaign::Table& of = table("test_variations");
    const auto page = accounts_.list(*session_, of, ours_, {.parent = id});
    EXPECT_TRUE(page);
    std::map<std::string, std::pair<std::int64_t, double>> found;
    for (const Row& row : page->rows) {
      const auto* rate = std::get_if<double>(&row[2 + *of.find("ctr")]);   // null: nobody is in it
      found[std::get<std::string>(row[2 + *of.find("variation_id")])] = {
          std::get<std::int64_t>(row[2 + *of.find("clicks")]), rate == nullptr ? -1 : *rate};
    }
    return found;
  }

  std::vector<json::object> snapshots(const Uuid& id) {
    const auto page = accounts_.list(*session_, table("test_results"), ours_, {.parent = id});
    EXPECT_TRUE(page);
    std::vector<json::object> details;
    const std::size_t column = 2 + *table("test_results").find("statistical_details");
    for (const Row& row : page->rows) {
      details.push_back(parse_exact(std::get<Json>(row[column]).text)->as_object());
    }
    return details;
  }

  std::vector<std::string> take_turn(std::int64_t now_ms) {
    auto lines = turn(*session_, now_ms);
    EXPECT_TRUE(lines) << lines.error().message();
    return *lines;
  }

  /// A test that the clock has to start.
  Uuid make_due_test() {
    return make_test("Planned", "frequentist", "",
                     {{"start_date", store::Timestamp::from_ms(kStartMs)}});
  }

  std::array<std::vector<double>, 2> spent_;   // each order fed, by variation
  etl::MemoryJournal journal_;
  event::Site site_;
  std::unique_ptr<etl::FixedSites> sites_;
  RealClock clock_;
  campaign::AccountStore accounts_{clock_};
};

TEST_P(RunTest, ASnapshotSaysAgainBitForBitWhatItSaid) {
  const Uuid id = make_test("Big button", "frequentist");
  step(id, Action::start, kStartMs);
  feed("big-button", 600, {0.10, 0.20}, kStartMs + kHourMs);
  const auto verdict = look(*session_, loaded(id), kStartMs + 2 * kHourMs, Keep::snapshot);
  ASSERT_TRUE(verdict) << verdict.error().message();
  EXPECT_EQ(verdict->at("outcome").as_string(), "won") << json::serialize(*verdict);
  EXPECT_EQ(verdict->at("units").to_number<double>(), 1200);
  EXPECT_EQ(verdict->at("dimensions").as_array().size(), 1U);
  EXPECT_EQ(verdict->at("dimensions").at(0).at("values").as_array().size(), 2U);
  const auto kept = snapshots(id);
  ASSERT_EQ(kept.size(), 1U);
  const json::object again = verdict_of(kept[0].at("inputs").as_object());
  // PostgreSQL orders the members of what it stores, so values are compared and not their text.
  EXPECT_TRUE(same(again, *verdict)) << json::serialize(again) << "\n" << json::serialize(*verdict);
  EXPECT_EQ(again.size(), kept[0].at("verdict").as_object().size());
  const auto arms = accounts_.list(*session_, table("test_variations"), ours_, {.parent = id});
  ASSERT_TRUE(arms);
  for (const Row& row : arms->rows) {
    const auto at = [&](std::string_view name) {
      return row[2 + *table("test_variations").find(name)];
    };
    EXPECT_EQ(std::get<std::int64_t>(at("impressions")), 600);
    const bool control = std::get<bool>(at("is_control"));
    EXPECT_EQ(std::get<std::int64_t>(at("conversions")), control ? 60 : 120);
    EXPECT_EQ(std::get<double>(at("conversion_rate")), control ? 0.1 : 0.2);
    EXPECT_GT(std::get<double>(at("revenue")), 600);
  }
  const auto row = accounts_.find(*session_, table("ab_tests"), ours_, id);
  ASSERT_TRUE(row);
  EXPECT_EQ(std::get<std::string>((*row)[2 + *table("ab_tests").find("significance_status")]),
            "Highly Significant");
}

TEST_P(RunTest, ClicksArePeopleWhoClickedAfterTheyWereGivenAVariation) {
  const Uuid id = make_test("Clicked", "frequentist");
  step(id, Action::start, kStartMs);
  const std::int64_t given_ms = kStartMs + kHourMs;
  const auto visitor = [&](int n) {
    return "clicked" + std::to_string(given_ms) + "-" + std::to_string(n);
  };
  click(visitor(0), given_ms - 1, 1);         // before it: does not count
  click(visitor(1), given_ms + 1, 3);         // of b, three times: one person
  click(visitor(2), given_ms + 1, 1);         // of a
  click("passer-by", given_ms + 1, 2);        // in no variation
  click(visitor(5), given_ms + 1, 1, true);   // a bot is in none either
  click(visitor(3), given_ms + kHourMs, 1);   // of b
  feed("clicked", 5, {0, 0}, given_ms);
  ASSERT_TRUE(look(*session_, loaded(id), given_ms + 2 * kHourMs, Keep::no));
  EXPECT_EQ(clicks(id)["b"].first, 0) << "written with a snapshot";
  ASSERT_TRUE(look(*session_, loaded(id), given_ms + 2 * kHourMs, Keep::snapshot));
  EXPECT_EQ(clicks(id)["a"], std::pair(std::int64_t{1}, 0.2));
  EXPECT_EQ(clicks(id)["b"], std::pair(std::int64_t{2}, 0.5));   // of four: the bot is none of them
}

TEST_P(RunTest, ASummarySaysWhatTheLastSnapshotSaid) {
  const Uuid id = make_test("Big button", "frequentist");
  const Uuid draft = make_test("Draft", "frequentist");
  step(id, Action::start, kStartMs);
  feed("big-button", 600, {0.10, 0.20}, kStartMs + kHourMs);
  ASSERT_TRUE(look(*session_, loaded(id), kStartMs + 2 * kHourMs, Keep::no));
  const auto account = static_cast<std::int64_t>(ours_);
  const auto summary = [&](SummaryScope scope) {
    scope.account = account;
    const auto all = summaries(*session_, scope);
    EXPECT_TRUE(all) << all.error().message();
    EXPECT_FALSE(all->contains(draft.text()));
    const json::value* found = all->if_contains(id.text());
    return found == nullptr ? json::value() : *found;
  };
  EXPECT_EQ(summary({}).at("people").to_number<int>(), 1200) << "counted, though not kept";
  EXPECT_TRUE(summary({}).at("snapshot").is_null());
  ASSERT_TRUE(look(*session_, loaded(id), kStartMs + 2 * kHourMs, Keep::snapshot));
  feed("big-button", 50, {0.10, 0.10}, kStartMs + 3 * kHourMs);
  const auto verdict = look(*session_, loaded(id), kStartMs + 4 * kHourMs, Keep::snapshot);
  ASSERT_TRUE(verdict) << verdict.error().message();
  const json::value last = summary({.site = site_.id.text(), .status = "Active"});
  EXPECT_EQ(last.at("people").to_number<int>(), 1300);
  const json::object& said = last.at("snapshot").as_object();
  for (const char* name : {"units", "conversions", "outcome", "winner", "significance", "p_value",
                           "projected_lift", "projected_lift_low", "projected_lift_high"}) {
    EXPECT_TRUE(same(said.at(name), verdict->at(name))) << name << json::serialize(said);
  }
  EXPECT_TRUE(said.at("is_enough").as_bool());
  EXPECT_FALSE(said.at("is_broken").as_bool());
  EXPECT_TRUE(summary({.site = Uuid::random().text(), .status = {}}).is_null());
  EXPECT_TRUE(summary({.site = {}, .status = "Paused"}).is_null());
}

TEST_P(RunTest, TheClockStartsEndsAndKeepsASnapshotADay) {
  const Uuid id = make_test("Planned", "frequentist", "",
                            {{"start_date", store::Timestamp::from_ms(kStartMs)},
                             {"end_date", store::Timestamp::from_ms(kStartMs + 3 * kDayMs)}});
  EXPECT_TRUE(take_turn(kStartMs - 1).empty());
  EXPECT_EQ(take_turn(kStartMs).size(), 1U);
  EXPECT_EQ(loaded(id).status, "Active");
  feed("planned", 50, {0.10, 0.20}, kStartMs + kHourMs);
  EXPECT_TRUE(take_turn(kStartMs + 2 * kHourMs).empty());
  EXPECT_TRUE(snapshots(id).empty()) << "not on the first day";
  take_turn(kStartMs + kDayMs);
  take_turn(kStartMs + kDayMs + kHourMs);
  EXPECT_EQ(snapshots(id).size(), 1U);
  take_turn(kStartMs + 2 * kDayMs);
  EXPECT_EQ(snapshots(id).size(), 2U);
  EXPECT_EQ(take_turn(kStartMs + 3 * kDayMs).size(), 1U);
  EXPECT_EQ(loaded(id).status, "Completed");
  EXPECT_EQ(snapshots(id).size(), 3U);
  EXPECT_TRUE(take_turn(kStartMs + 4 * kDayMs).empty());
}

TEST_P(RunTest, AConditionNamesASavedGroupThatIsThere) {
  const Uuid id =
      make_test("Grouped", "frequentist", R"(,"condition":{"id":{"$inGroup":"staff"}})");
  const Step start{.action = Action::start, .by = "ann", .reason = {}, .winner = {},
                   .now_ms = kStartMs};
  const auto store_group = [&](const std::string& site) {
    const std::array parameters{Value{site}, Value{std::string("staff")}, Value{std::string()},
                                Value{Json{R"(["ann"])"}}, Value{std::int64_t{1}},
                                Value{store::Timestamp::from_ms(kStartMs)},
                                Value{std::string("ann")}};
    store::must(session_->execute("serve/saved_group_put", parameters));
  };
  store_group(Uuid::random().text());   // another site's
  const auto refused = take_step(*session_, loaded(id), start);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(refused.error().field(), "design.condition");
  store_group(site_.id.text());
  const auto started = take_step(*session_, loaded(id), start);
  ASSERT_TRUE(started) << started.error().message();
  EXPECT_EQ(started->status, "Active");
}

TEST_P(RunTest, OnlyATestThatMayBePeekedAtStopsItself) {
  const Uuid fixed = make_test("Fixed", "frequentist");
  const Uuid sequential = make_test("Peek", "sequential", R"(,"auto_stop":true)");
  step(fixed, Action::start, kStartMs);
  step(sequential, Action::start, kStartMs);
  feed("fixed", 600, {0.10, 0.30}, kStartMs + kHourMs);
  feed("peek", 600, {0.10, 0.30}, kStartMs + kHourMs);
  const auto lines = take_turn(kStartMs + 2 * kHourMs);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("test peek: complete (won"), std::string::npos) << lines[0];
  EXPECT_EQ(loaded(fixed).status, "Active");
  const experiment::Test ended = loaded(sequential);
  EXPECT_EQ(ended.status, "Completed");
  EXPECT_EQ(std::string_view(ended.decision.at("winner").as_string()), "b");
  EXPECT_EQ(std::string_view(ended.decision.at("log").as_array().back().at("by").as_string()),
            "the clock");
  EXPECT_EQ(snapshots(sequential).size(), 1U);
}

TEST_P(RunTest, ABanditMovesItsTrafficOnceADay) {
  const Uuid id = make_test("Many", "bandit");
  step(id, Action::start, kStartMs);
  EXPECT_TRUE(loaded(id).design.at("sticky").as_bool());
  feed("many", 300, {0.10, 0.16}, kStartMs + kHourMs);
  take_turn(kStartMs + 2 * kHourMs);
  EXPECT_TRUE(loaded(id).weights.empty());
  take_turn(kStartMs + kDayMs);
  const experiment::Test moved = loaded(id);
  ASSERT_EQ(moved.weights.size(), 1U);
  EXPECT_NEAR(moved.arms[0].traffic_percentage + moved.arms[1].traffic_percentage, 100, 1e-9);
  EXPECT_GT(moved.arms[1].traffic_percentage, 90);
  EXPECT_GT(moved.arms[0].traffic_percentage, 1);   // the floor
  take_turn(kStartMs + kDayMs + kHourMs);
  EXPECT_EQ(loaded(id).weights.size(), 1U);
}

TEST_P(RunTest, WhoStopsATurnLeavesTestsAndSumsAsTheyWere) {
  const Uuid due = make_due_test();
  const Uuid running = make_test("Big button", "frequentist");
  step(running, Action::start, kStartMs);
  feed("big-button", 20, {0.10, 0.20}, kStartMs + kHourMs);
  std::stop_source stop;
  stop.request_stop();
  const auto lines = turn(*session_, kStartMs + kDayMs, stop.get_token());
  ASSERT_TRUE(lines) << lines.error().message();
  EXPECT_TRUE(lines->empty());
  EXPECT_EQ(loaded(due).status, "Draft");
  EXPECT_TRUE(snapshots(running).empty());
  const auto stopped =
      refresh(*session_, loaded(running), kStartMs + kDayMs, {.stop = stop.get_token()});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), ErrorCode::unavailable);
  const auto whole = refresh(*session_, loaded(running), kStartMs + kDayMs);
  ASSERT_TRUE(whole) << whole.error().message();
  EXPECT_TRUE(whole->from_scratch);
  EXPECT_EQ(whole->units, 40);
}

TEST_P(RunTest, TheRunnerTakesItsTurnsOnAThreadOfItsOwn) {
  const Uuid id = make_due_test();
  std::promise<std::thread::id> told;
  RunnerSettings settings;
  settings.pause_ms = kHourMs;   // the first turn is the only one, and the end does not wait
  settings.say = [&](std::string_view line) {
    if (line.find("test planned: start") == 0) told.set_value(std::this_thread::get_id());
  };
  Runner runner(*store_, clock_, std::move(settings));
  EXPECT_FALSE(runner.status().running);
  runner.start();
  auto where = told.get_future();
  ASSERT_EQ(where.wait_for(std::chrono::minutes(2)), std::future_status::ready);
  EXPECT_NE(where.get(), std::this_thread::get_id());
  runner.stop();
  EXPECT_FALSE(runner.status().running);
  EXPECT_EQ(runner.status().turns, 1U);
  EXPECT_EQ(loaded(id).status, "Active");
}

TEST_P(RunTest, TheRunnerPutsOffATurnThatSomebodyElseHas) {
  const Uuid id = make_due_test();
  std::mutex tables;
  std::mutex others;
  RunnerSettings settings;
  settings.tables = &tables;
  settings.turn = &others;
  Runner runner(*store_, clock_, std::move(settings));
  for (std::mutex* mutex : {&tables, &others}) {
    std::promise<void> taken;
    std::promise<void> done;
    std::jthread somebody([&] {
      const std::lock_guard lock(*mutex);
      taken.set_value();
      done.get_future().wait();
    });
    taken.get_future().wait();
    const auto turned = runner.step();
    done.set_value();
    ASSERT_TRUE(turned) << turned.error().message();
    EXPECT_FALSE(*turned);
  }
  EXPECT_EQ(loaded(id).status, "Draft");
  EXPECT_EQ(runner.status().put_off, 2U);
  const auto turned = runner.step();
  ASSERT_TRUE(turned) << turned.error().message();
  EXPECT_TRUE(*turned);
  EXPECT_EQ(loaded(id).status, "Active");
}

TEST_P(RunTest, TheRunnerTriesAgainWhenTheDatabaseIsBack) {
  const Uuid id = make_due_test();
  etl::FaultyStore faulty(*store_);
  Runner runner(faulty, clock_, {});
  faulty.fail_call(0);
  const auto away = runner.step();
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code(), ErrorCode::unavailable);
  EXPECT_EQ(runner.status().errors, 1U);
  EXPECT_FALSE(runner.status().error.empty());
  EXPECT_EQ(loaded(id).status, "Draft");
  ASSERT_TRUE(runner.step());
  EXPECT_EQ(runner.status().error, "");
  EXPECT_EQ(runner.status().turns, 1U);
  EXPECT_EQ(loaded(id).status, "Active");
}

double at_rank(std::vector<double> values, double rank) {
  std::ranges::sort(values);
  return values.at(static_cast<std::size_t>(rank) - 1);
}

TEST_P(RunTest, QuantilesAndCutSumsAreThoseOfEverybodyAtEachRefresh) {
  const Uuid id = make_test("Orders", "frequentist", "", {{"design", Json{R"({"metrics":[
      {"name":"bought","kind":"conversion","event":"purchase"},
      {"name":"spent","kind":"revenue","winsor":{"quantile":0.9,"ignore_zeros":true}},
      {"name":"order p75","kind":"quantile","event":"purchase","property":"revenue",
       "quantile":0.75,"per":"event"},
      {"name":"all zero","kind":"quantile","event":"purchase","quantile":0.1}]})"}}});
  step(id, Action::start, kStartMs);
  for (int day = 0; day < 2; ++day) {
    SCOPED_TRACE(day);
    const std::int64_t at_ms = kStartMs + kHourMs + day * kDayMs;
    feed("orders", 300 + 200 * day, {0.5, 0.4 + 0.2 * day}, at_ms);
    const auto verdict = look(*session_, loaded(id), at_ms + kHourMs, Keep::snapshot);
    ASSERT_TRUE(verdict) << verdict.error().message();
    std::vector<double> all = spent_[0];
    all.insert(all.end(), spent_[1].begin(), spent_[1].end());
    const double cap = at_rank(all, std::ceil(0.9 * static_cast<double>(all.size())));
    const json::object& spent = verdict->at("metrics").at(1).as_object();
    EXPECT_EQ(spent.at("winsor").at("cap").to_number<double>(), cap);
    for (const std::size_t arm : {0U, 1U}) {
      double sum = 0;
      for (const double each : spent_[arm]) sum += std::min(each, cap);
      EXPECT_NEAR(spent.at("variations").at(arm).at("sum").to_number<double>(), sum, 1e-6);
      const double n = static_cast<double>(spent_[arm].size());
      const json::value& order = verdict->at("metrics").at(2).at("variations").at(arm);
      EXPECT_EQ(order.at("mean").to_number<double>(), at_rank(spent_[arm], std::ceil(0.75 * n)));
      EXPECT_EQ(order.at("people").to_number<double>(), n);
      EXPECT_LT(order.at("low").to_number<double>(), order.at("high").to_number<double>());
    }
    EXPECT_TRUE(verdict->at("metrics").at(2).at("comparisons").at(0).as_object().contains("lift"));
    const json::value& zero = verdict->at("metrics").at(3).at("comparisons").at(0);
    EXPECT_NE(zero.at("error").as_string().find("so many values are 0"), std::string::npos);
    const auto kept = snapshots(id);
    EXPECT_TRUE(std::ranges::any_of(kept, [&](const json::object& snapshot) {
      return same(verdict_of(snapshot.at("inputs").as_object()), *verdict);
    }));
  }
}

TEST_P(RunTest, ANullResultEndsATestAndIsKeptInItsDecision) {
  const Uuid id = make_test("No matter", "sequential", R"(,"auto_stop":true,"smallest_lift":0.3)");
  step(id, Action::start, kStartMs);
  feed("no-matter", 100, {0.5, 0.5}, kStartMs + kHourMs);
  EXPECT_TRUE(take_turn(kStartMs + 2 * kHourMs).empty()) << "so few people rule nothing out";
  feed("no-matter", 900, {0.5, 0.5}, kStartMs + 3 * kHourMs);
  const auto lines = take_turn(kStartMs + 4 * kHourMs);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("complete (neutral"), std::string::npos) << lines[0];
  const experiment::Test ended = loaded(id);
  EXPECT_EQ(ended.status, "Completed");
  EXPECT_EQ(std::string_view(ended.decision.at("outcome").as_string()), "neutral");
  EXPECT_EQ(std::string_view(ended.decision.at("neutral_basis").as_string()), "interval");
  EXPECT_FALSE(ended.decision.contains("winner"));
}

TEST_P(RunTest, ALiftIsHeldAgainstTheAccountsFinishedTestsOfTheMetric) {
  const auto shrunk_of = [&](const Uuid& id, std::int64_t at_ms) {
    const auto inputs = gather(*session_, loaded(id), at_ms);
    EXPECT_TRUE(inputs) << inputs.error().message();
    return verdict_of(*inputs).at("projected_lift_shrunk").as_object();
  };
  const Uuid id = make_test("Now", "frequentist");
  step(id, Action::start, kStartMs);
  feed("now", 200, {0.3, 0.5}, kStartMs + kHourMs);
  ASSERT_TRUE(look(*session_, loaded(id), kStartMs + 2 * kHourMs, Keep::no));
  for (int n = 0; n < 11; ++n) {
    const std::string key = "before-" + std::to_string(n);
    // One of them decides by another metric, and is no part of the history.
    const Uuid past = make_test(key, "frequentist", "",
                                n == 3 ? std::map<std::string, Value>{{"primary_metric",
                                                                       std::string("value")}}
                                       : std::map<std::string, Value>{});
    step(past, Action::start, kStartMs);
    feed(key, 150, n % 2 == 0 ? std::array{0.2, 0.6} : std::array{0.6, 0.2}, kStartMs + kHourMs);
    step(past, Action::complete, kStartMs + 2 * kHourMs);
    ASSERT_TRUE(look(*session_, loaded(past), kStartMs + 2 * kHourMs, Keep::snapshot));
    EXPECT_EQ(std::string_view(loaded(past).decision.at("outcome").as_string()),
              n % 2 == 0 ? "won" : "lost");
    if (n < 10) {
      EXPECT_TRUE(shrunk_of(id, kStartMs + 3 * kHourMs).contains("error")) << n;
    }
  }
  const json::object said = shrunk_of(id, kStartMs + 3 * kHourMs);
  EXPECT_EQ(said.at("tests").to_number<int>(), 10);
  const double lift = 0.5 / 0.3 - 1;
  const double kept = said.at("kept").to_number<double>();
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, 1);
  EXPECT_NEAR(said.at("lift").to_number<double>(),
              kept * lift + (1 - kept) * said.at("mean").to_number<double>(), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Engines, RunTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         [](const auto& each) {
                           return each.param == store::Engine::duckdb ? "duckdb" : "postgres";
                         });

}  // namespace
}  // namespace attune::experiment
