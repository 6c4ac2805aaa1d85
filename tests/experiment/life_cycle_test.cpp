#include "experiment/life_cycle.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <fmt/format.h>

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr std::int64_t kNowMs = 1'700'000'000'000;
constexpr std::string_view kBought =
    R"({"metrics":[{"name":"bought","kind":"conversion","event":"purchase"}]})";

Test ready_test() {
  experiment::Test test;
  test.id = Uuid::random();
  test.name = "Colour";
  test.type = "Simple A/B";
  test.status = "Draft";
  test.engine = "frequentist";
  test.site = Uuid::random().text();
  test.key = "colour";
  test.primary_metric = "bought";
  test.design = json::parse(kBought).as_object();
  test.guardrails = json::array();
  test.arms = {{"a", true, 50, {}}, {"b", false, 50, {}}};
  return test;
}

void expect_refused(const Test& test, std::string_view field, std::string_view words,
                    std::span<const Test> others = {}) {
  const auto checked = check_start(test, others, kNowMs);
  ASSERT_FALSE(checked) << field << ": " << words;
  EXPECT_EQ(checked.error().field(), field) << checked.error().message();
  EXPECT_NE(checked.error().message().find(words), std::string::npos)
      << checked.error().message();
}

TEST(LifeCycleTest, EachStateHasItsSteps) {
  using enum Action;
  const std::vector<std::tuple<std::string_view, Action, std::string_view>> possible = {
      {"Draft", start, "Active"},       {"Active", pause, "Paused"},
      {"Paused", resume, "Active"},     {"Active", complete, "Completed"},
      {"Paused", complete, "Completed"}, {"Draft", cancel, "Cancelled"},
      {"Active", cancel, "Cancelled"},  {"Paused", cancel, "Cancelled"}};
  int refused = 0;
  for (const std::string_view status : {"Draft", "Active", "Paused", "Completed", "Cancelled"}) {
    for (const Action action : {start, pause, resume, complete, cancel}) {
      const auto next = status_after(status, action);
      const auto known = std::ranges::find_if(possible, [&](const auto& step) {
        return std::get<0>(step) == status && std::get<1>(step) == action;
      });
      if (known != possible.end()) {
        ASSERT_TRUE(next);
        EXPECT_EQ(*next, std::get<2>(*known));
      } else {
        ASSERT_FALSE(next);
        EXPECT_EQ(next.error().code(), ErrorCode::failed_precondition);
        EXPECT_EQ(next.error().field(), "status");
        ++refused;
      }
    }
  }
  EXPECT_EQ(refused, 25 - 8);
}

TEST(LifeCycleTest, ATestThatIsReadyStarts) {
  experiment::Test test = ready_test();
  EXPECT_TRUE(check_start(test, {}, kNowMs));
  test.arms = {{"a", true, 33.3, {}}, {"b", false, 33.3, {}}, {"c", false, 33.4, {}}};
  test.type = "Multivariate";
  EXPECT_TRUE(check_start(test, {}, kNowMs));
}

TEST(LifeCycleTest, WhatIsMissingIsNamed) {
  const experiment::Test good = ready_test();
  experiment::Test test = good;
  test.site.clear();
  expect_refused(test, "site_id", "on which site");
  test = good;
  test.arms[1].traffic_percentage = 49;
  expect_refused(test, "traffic_percentage", "sums to 99, not to 100");
  test = good;
  test.arms.pop_back();
  expect_refused(test, "test_variations", "at least two");
  test.arms.clear();
  expect_refused(test, "test_variations", "at least two");
  test = good;
  test.arms[0].is_control = false;
  expect_refused(test, "is_control", "exactly one variation is the control, not 0");
  test = good;
  test.arms = {{"a", true, 50, {}}, {"b", false, 25, {}}, {"c", false, 25, {}}};
  expect_refused(test, "test_type", "two variations");
  test = good;
  test.coverage = 0;
  expect_refused(test, "coverage", "above 0");
  test = good;
  test.primary_metric = "sold";
  expect_refused(test, "primary_metric", "is not the name");
  test.primary_metric.clear();
  expect_refused(test, "primary_metric", "decides");
  test = good;
  test.design = {};
  expect_refused(test, "design.metrics", "at least one metric");
  test = good;
  test.type = "Split URL";
  expect_refused(test, "configuration", "needs a url");
  test = good;
  test.design["auto_stop"] = true;
  expect_refused(test, "design.auto_stop", "only a sequential or bandit test");
  test.engine = "sequential";
  EXPECT_TRUE(check_start(test, {}, kNowMs));
  test.design["sequential_method"] = "msprt";
  EXPECT_TRUE(check_start(test, {}, kNowMs));
  EXPECT_EQ(read_design(test)->sequential_method, "msprt");
  test.design["sequential_method"] = "sprt";
  expect_refused(test, "design.sequential_method", "confidence_sequence, msprt");
  test.design["sequential_method"] = "msprt";
  test.engine = "bandit";
  expect_refused(test, "design.sequential_method", "engine sequential");
  test.design.erase("sequential_method");
  test.design["smallest_lift"] = 0;
  expect_refused(test, "design.smallest_lift", "above 0");
  test.design["smallest_lift"] = 0.02;
  EXPECT_EQ(read_design(test)->smallest_lift, 0.02);
  test.design["metrics"] = json::parse(
      R"([{"name":"bought","kind":"quantile","event":"purchase","quantile":0.5}])");
  expect_refused(test, "primary_metric", "not by a quantile");
  test = good;
  test.design["colour"] = 1;
  expect_refused(test, "design.colour", "unknown field");
  test = good;
  test.guardrails = json::parse(R"(["speed"])");
  expect_refused(test, "guardrail_metrics[0]", "is not the name");
}

TEST(LifeCycleTest, NamespacesAndKeysAreNotShared) {
  experiment::Test test = ready_test();
  test.design["namespace"] = json::parse(R"({"id":"cart","range":[0,0.5]})");
  experiment::Test other = ready_test();
  other.site = test.site;
  other.key = "price";
  other.status = "Active";
  other.design["namespace"] = json::parse(R"({"id":"cart","range":[0.4,1]})");
  expect_refused(test, "design.namespace", "overlaps test \"Colour\"", std::span(&other, 1));
  other.design["namespace"] = json::parse(R"({"id":"cart","range":[0.5,1]})");
  EXPECT_TRUE(check_start(test, std::span(&other, 1), kNowMs));
  other.design["namespace"] = json::parse(R"({"id":"basket","range":[0,1]})");
  EXPECT_TRUE(check_start(test, std::span(&other, 1), kNowMs));
  other.key = test.key;
  other.status = "Completed";
  expect_refused(test, "test_key", "has or had this key", std::span(&other, 1));
  other.status = "Cancelled";
  EXPECT_TRUE(check_start(test, std::span(&other, 1), kNowMs));
  for (const char* wrong : {R"({"id":"x","range":[0.5,0.5]})", R"({"id":"x","range":[0,1.1]})",
                            R"({"id":"","range":[0,1]})", R"({"range":[0,1]})", R"("x")"}) {
    test.design["namespace"] = json::parse(wrong);
    expect_refused(test, "design.namespace", "must be");
  }
}

TEST(LifeCycleTest, AnEndThatHasComeStartsNothing) {
  experiment::Test test = ready_test();
  test.end_ms = kNowMs + 1;
  EXPECT_TRUE(check_start(test, {}, kNowMs));
  for (const std::int64_t end_ms : {kNowMs, kNowMs - 1, std::int64_t{0}}) {
    test.end_ms = end_ms;
    expect_refused(test, "end_date", "must lie in the future");
  }
}

TEST(LifeCycleTest, AHoldoutIsAnotherTestThatRuns) {
  experiment::Test test = ready_test();
  experiment::Test other = ready_test();
  other.key = "nobody";
  other.status = "Active";
  test.design["holdout"] = "nobody";
  EXPECT_TRUE(check_start(test, std::span(&other, 1), kNowMs));
  for (const std::string_view status : {"Draft", "Paused", "Completed", "Cancelled"}) {
    other.status = status;
    expect_refused(test, "design.holdout", "one that runs", std::span(&other, 1));
  }
  other.status = "Active";
  for (const char* wrong : {R"("everybody")", R"("colour")", R"("")", "7"}) {
    test.design["holdout"] = json::parse(wrong);
    expect_refused(test, "design.holdout", "one that runs", std::span(&other, 1));
  }
  test.design["holdout"] = "nobody";
  other.engine = "bandit";
  expect_refused(test, "design.holdout", "no bandit", std::span(&other, 1));
  test.design["holdout"] = nullptr;
  test.design["sticky"] = "yes";
  expect_refused(test, "design.sticky", "true or false");
}

TEST(LifeCycleTest, ConditionsThatNobodyWouldUnderstandAreNamed) {
  experiment::Test test = ready_test();
  const auto wrong = [&](std::string_view member, std::string_view value, const std::string& at) {
    test.design[member] = json::parse(json::string_view(value.data(), value.size()));
    expect_refused(test, at, "");
    EXPECT_EQ(check_targeting(test.design).error().field(), at);
    test.design.erase(member);
  };
  wrong("condition", R"({"age":{"$above":3}})", "design.condition.age.$above");
  wrong("condition", R"({"$if":[]})", "design.condition.$if");
  wrong("condition", R"r({"$and":[{"a":{"$regex":"(?=x)"}}]})r", "design.condition.$and.a.$regex");
  wrong("condition", R"({"a":{"$in":"x"}})", "design.condition.a.$in");
  wrong("condition", R"({"a":{"$inGroup":7}})", "design.condition.a.$inGroup");
  wrong("condition", R"("DE")", "design.condition");
  wrong("condition", "[]", "design.condition");
  wrong("parents", R"({"id":"menu"})", "design.parents");
  wrong("parents", R"([{"condition":{}}])", "design.parents[0]");
  wrong("parents", R"([{"id":"menu","condition":{"value":{"$is":true}}}])",
        "design.parents[0].condition.value.$is");
  test.design["condition"] = json::parse(R"({"country":{"$in":["DE","AT"]},"age":{"$gte":18}})");
  test.design["parents"] = json::parse(R"([{"id":"menu","condition":{"value":true}}])");
  EXPECT_TRUE(check_start(test, {}, kNowMs));
  test.design["condition"] = nullptr;
  test.design["parents"] = nullptr;
  EXPECT_TRUE(check_start(test, {}, kNowMs));
}

/// Two factors, the second with three levels, and a variation for each pair.
experiment::Test factorial_test() {
  experiment::Test test = ready_test();
  test.type = "Multivariate";
  test.design["factors"] = json::parse(R"([{"name":"button","levels":["red","blue"]},
                                           {"name":"text","levels":["buy","get","have"]}])");
  test.arms.clear();
  for (const char* button : {"red", "blue"}) {
    for (const char* text : {"buy", "get", "have"}) {
      const json::object factors{{"button", button}, {"text", text}};
      test.arms.push_back({std::string(button) + text, test.arms.empty(), 100.0 / 6,
                           {{"factors", factors}}});
    }
  }
  return test;
}

TEST(LifeCycleTest, VariationsOfAFactorialTestShowALevelOfEachFactor) {
  const experiment::Test good = factorial_test();
  EXPECT_TRUE(check_start(good, {}, kNowMs));
  const std::string field = "design.factors";
  experiment::Test test = good;
  test.arms[1].configuration["factors"].as_object()["text"] = "take";
  expect_refused(test, field, "variation redget must show one level of each factor");
  test.arms[1].configuration["factors"].as_object().erase("text");
  expect_refused(test, field, "must show one level");
  test.arms[1].configuration = {};
  expect_refused(test, field, "must show one level");
  test = good;
  test.arms[4].configuration = good.arms[3].configuration;
  expect_refused(test, field, "variation blueget shows the same levels as another one");
  test = good;
  test.type = "Content Variation";
  expect_refused(test, field, "only a Multivariate test");
  const auto wrong = [&](std::string_view factors, const std::string& at) {
    test = good;
    test.design["factors"] = json::parse(json::string_view(factors.data(), factors.size()));
    expect_refused(test, at, "");
  };
  wrong(R"({"button":["red","blue"]})", field);
  wrong(R"([{"name":"button","levels":["red"]}])", field + "[0]");
  wrong(R"([{"name":"button","levels":["red","red"]}])", field + "[0]");
  wrong(R"([{"name":"button","levels":["red",7]}])", field + "[0]");
  wrong(R"([{"name":"","levels":["red","blue"]}])", field + "[0]");
  wrong(R"([{"name":"b","levels":["x","y"],"more":1}])", field + "[0]");
  wrong(R"([{"name":"b","levels":["x","y"]},{"name":"b","levels":["x","y"]}])", field + "[1]");
}

TEST(LifeCycleTest, ANameBecomesAKey) {
  EXPECT_EQ(slug_of("Big red button!"), "big-red-button");
  EXPECT_EQ(slug_of("  Käse & Co  "), "k-se-co");
  EXPECT_EQ(slug_of("日本"), "test");
  EXPECT_EQ(slug_of(std::string(300, 'a')).size(), 100U);
}

TEST(MetricTest, EachKindIsRead) {
  const auto metrics = read_metrics(json::parse(R"([
      {"name":"bought","kind":"conversion","event":"purchase"},
      {"name":"seats","kind":"sum","event":"signup","property":"plan.seats","winsor":{"cap":50}},
      {"name":"ctr","kind":"ratio","event":"click","denominator":{"event":"pageview"}},
      {"name":"back","kind":"retention","window_days":7},
      {"name":"value","kind":"revenue","higher_is_better":true},
      {"name":"errors","kind":"count","event":"error","where":{"path":"/shop*"},
       "higher_is_better":false},
      {"name":"p90","kind":"quantile","event":"pageview","property":"ms","quantile":0.9,
       "per":"event"},
      {"name":"spent","kind":"revenue","winsor":{"quantile":0.99,"ignore_zeros":true}}])"),
                                    "design.metrics");
  ASSERT_TRUE(metrics) << metrics.error().message();
  ASSERT_EQ(metrics->size(), 8U);
  EXPECT_EQ((*metrics)[6].quantile, 0.9);
  EXPECT_TRUE((*metrics)[6].per_event);
  EXPECT_FALSE((*metrics)[6].adds_up());
  EXPECT_EQ((*metrics)[7].winsor_quantile, 0.99);
  EXPECT_TRUE((*metrics)[7].ignore_zeros);
  EXPECT_FALSE((*metrics)[7].adds_up());
  EXPECT_TRUE((*metrics)[1].adds_up());
  EXPECT_EQ((*metrics)[1].cap, 50);
  EXPECT_EQ((*metrics)[4].counted.event, "purchase");
  EXPECT_EQ((*metrics)[4].counted.property, "revenue");
  EXPECT_FALSE((*metrics)[5].higher_is_better);
  const json::array rules = rules_of(*metrics);
  EXPECT_EQ(rules.size(), 9U);   // a ratio has two
  EXPECT_EQ(rules[6].at("pattern").as_string(), "/shop%");
}

TEST(MetricTest, WhatIsWrongIsNamed) {
  const auto refused = [](std::string_view metric, std::string_view field) {
    const auto read = read_metrics(json::parse("[" + std::string(metric) + "]"), "m");
    ASSERT_FALSE(read) << metric;
    EXPECT_EQ(read.error().field(), "m[0]." + std::string(field)) << metric;
  };
  refused(R"({"kind":"count","event":"x"})", "name");
  refused(R"({"name":"n","kind":"mean","event":"x"})", "kind");
  refused(R"({"name":"n","kind":"count"})", "event");
  refused(R"({"name":"n","kind":"sum","event":"x"})", "property");
  refused(R"({"name":"n","kind":"sum","event":"x","property":"a..b"})", "property");
  refused(R"({"name":"n","kind":"sum","event":"x","property":"a')--"})", "property");
  refused(R"({"name":"n","kind":"ratio","event":"x"})", "denominator");
  refused(R"({"name":"n","kind":"count","event":"x","denominator":{"event":"y"}})", "denominator");
  refused(R"({"name":"n","kind":"count","event":"x","winsor":{"cap":0}})", "winsor");
  refused(R"({"name":"n","kind":"conversion","event":"x","winsor":{"cap":2}})", "winsor");
  for (const std::string_view outside : {"0", "1", "-0.5", "1.5", "\"most\""}) {
    refused(fmt::format(R"({{"name":"n","kind":"quantile","event":"x","quantile":{}}})", outside),
            "quantile");
    refused(fmt::format(R"({{"name":"n","kind":"count","event":"x","winsor":{{"quantile":{}}}}})",
                        outside),
            "winsor.quantile");
  }
  refused(R"({"name":"n","kind":"quantile","event":"x"})", "quantile");
  refused(R"({"name":"n","kind":"quantile","event":"x","quantile":0.5,"per":"day"})", "per");
  refused(R"({"name":"n","kind":"quantile","event":"x","quantile":0.5,"per":"event"})", "property");
  refused(R"({"name":"n","kind":"quantile","event":"x","quantile":0.5,"winsor":{"cap":2}})",
          "winsor");
  refused(R"({"name":"n","kind":"count","event":"x","quantile":0.5})", "quantile");
  refused(R"({"name":"n","kind":"count","event":"x","winsor":{"cap":2,"quantile":0.9}})", "winsor");
  refused(R"({"name":"n","kind":"retention","event":"x"})", "window_days");
  refused(R"({"name":"n","kind":"count","event":"x","window_days":0})", "window_days");
  refused(R"({"name":"n","kind":"count","event":"x","colour":1})", "colour");
  const auto twice = read_metrics(json::parse(R"([{"name":"n","kind":"count","event":"x"},
      {"name":"n","kind":"count","event":"y"}])"), "m");
  EXPECT_EQ(twice.error().field(), "m[1].name");
}

}  // namespace
}  // namespace attune::experiment
