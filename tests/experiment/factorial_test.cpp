// Main effects and interactions of tests that change several things at once: numbers by hand, what
// they share with plain comparisons, what is missing, and how often they are wrong.
#include "experiment/factorial.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "experiment/proportion.h"
#include "experiment/results.h"
#include "experiment/verdict_inputs.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

struct Shown {
  std::string id;
  std::string colour;
  std::string text;
  ArmSums sums;
};

/// A test of two factors, the first variation its control.
json::object inputs_with(const std::vector<Shown>& arms,
                         std::string_view factors =
                             R"([{"name":"colour","levels":["red","blue"]},
                                 {"name":"text","levels":["short","long"]}])") {
  json::object inputs = inputs_of({});
  json::object sums;
  json::array variations;
  for (const Shown& arm : arms) {
    sums[arm.id] = array_of(arm.sums);
    variations.push_back({{"id", arm.id},
                          {"is_control", variations.empty()},
                          {"weight", 1.0 / static_cast<double>(arms.size())},
                          {"factors", {{"colour", arm.colour}, {"text", arm.text}}}});
  }
  inputs["variations"] = variations;
  inputs["sums"] = {{"", {{"", {{"", sums}}}}}, {"bought", {{"", {{"", sums}}}}}};
  inputs["factors"] = json::parse(json::string_view(factors.data(), factors.size()));
  return inputs;
}

/// Rates 0.10, 0.12, 0.11, 0.14, of different numbers of people: red short, blue short, red long,
/// blue long.
std::vector<Shown> four_arms() {
  return {{"a", "red", "short", rate(8000, 800)},
          {"b", "blue", "short", rate(1000, 120)},
          {"c", "red", "long", rate(2000, 220)},
          {"d", "blue", "long", rate(5000, 700)}};
}

double variance(double p, double n) { return p * (1 - p) / n; }

const json::object& row_of(const json::object& verdict, const char* kind, std::size_t at) {
  return verdict.at("factors").at(kind).as_array().at(at).as_object();
}
double number_of(const json::object& row, std::string_view name) {
  return row.at(name).to_number<double>();
}
std::string error_of(const json::object& row) {
  return row.contains("error") ? std::string(row.at("error").as_string()) : std::string();
}

TEST(FactorialTest, AMainEffectIsTheMeanOverTheOtherFactorWhateverTheShares) {
  const json::object verdict = verdict_of(inputs_with(four_arms()));
  ASSERT_EQ(verdict.at("factors").at("main").as_array().size(), 2U);
  const json::object& colour = row_of(verdict, "main", 0);
  EXPECT_EQ(colour.at("factor").as_string(), "colour");
  EXPECT_EQ(colour.at("level").as_string(), "blue");
  EXPECT_EQ(colour.at("base").as_string(), "red");
  EXPECT_EQ(colour.at("combinations"), 2);
  // (0.12 + 0.14) / 2 over (0.10 + 0.11) / 2. All people of a colour together would say 0.34.
  const double lift = 0.13 / 0.105 - 1;
  EXPECT_NEAR(number_of(colour, "lift"), lift, 1e-12);
  const double blue[] = {variance(0.12, 1000) / 4, variance(0.14, 5000) / 4};
  const double red[] = {variance(0.10, 8000) / 4, variance(0.11, 2000) / 4};
  const double error = std::sqrt((blue[0] + blue[1]) / (0.105 * 0.105) +
                                 (red[0] + red[1]) * 0.13 * 0.13 / std::pow(0.105, 4));
  EXPECT_NEAR(number_of(colour, "standard_error"), error, 1e-12);
  const double all = blue[0] + blue[1] + red[0] + red[1];
  const double degrees = all * all / (blue[0] * blue[0] / 999 + blue[1] * blue[1] / 4999 +
                                      red[0] * red[0] / 7999 + red[1] * red[1] / 1999);
  const TestResult wanted =
      t_test({.estimate = lift, .variance = error * error, .degrees_of_freedom = degrees}, {})
          .value();
  EXPECT_NEAR(number_of(colour, "lift_low"), wanted.interval.low, 1e-12);
  EXPECT_NEAR(number_of(colour, "lift_high"), wanted.interval.high, 1e-12);
  EXPECT_NEAR(number_of(colour, "p_value"), wanted.p_value, 1e-12);
  EXPECT_NEAR(number_of(row_of(verdict, "main", 1), "lift"), 0.125 / 0.11 - 1, 1e-12);
}

TEST(FactorialTest, AnInteractionIsWhatTwoChangesBringBeyondBoth) {
  const json::object verdict = verdict_of(inputs_with(four_arms()));
  ASSERT_EQ(verdict.at("factors").at("interactions").as_array().size(), 1U);
  const json::object& both = row_of(verdict, "interactions", 0);
  EXPECT_EQ(both.at("factors"), (json::array{"colour", "text"}));
  EXPECT_EQ(both.at("levels"), (json::array{"blue", "long"}));
  EXPECT_EQ(both.at("bases"), (json::array{"red", "short"}));
  // (0.14 - 0.12 - 0.11 + 0.10) / 0.10; its slope in the base cell is (1 - 0.1) / 0.10.
  EXPECT_NEAR(number_of(both, "lift"), 0.1, 1e-12);
  const double error = std::sqrt(variance(0.14, 5000) + variance(0.12, 1000) +
                                 variance(0.11, 2000) + variance(0.10, 8000) * 0.81) / 0.10;
  EXPECT_NEAR(number_of(both, "standard_error"), error, 1e-12);
  EXPECT_FALSE(verdict.at("factors").as_object().contains("missing"));
}

TEST(FactorialTest, PValuesAreCorrectedOverAllRows) {
  json::object inputs = inputs_with(four_arms());
  const auto p_values = [](const json::object& verdict, std::string_view name) {
    std::vector<double> all;
    for (const char* kind : {"main", "interactions"}) {
      for (const json::value& row : verdict.at("factors").at(kind).as_array()) {
        all.push_back(number_of(row.as_object(), name));
      }
    }
    return all;
  };
  const json::object verdict = verdict_of(inputs);
  const std::vector<double> raw = p_values(verdict, "p_value");
  ASSERT_EQ(raw.size(), 3U);
  EXPECT_EQ(p_values(verdict, "p_value_corrected"), corrected(raw, Correction::holm).value());
  const json::object& colour = row_of(verdict, "main", 0);
  EXPECT_LT(number_of(colour, "lift_low_corrected"), number_of(colour, "lift_low"));
  inputs["correction"] = "none";
  EXPECT_EQ(p_values(verdict_of(inputs), "p_value_corrected"), raw);
}

TEST(FactorialTest, OneFactorOfTwoLevelsIsThePlainComparison) {
  for (const char* engine : {"frequentist", "sequential", "bayesian"}) {
    json::object inputs = inputs_with({{"a", "red", "", rate(5000, 500, 400, 60)},
                                       {"b", "blue", "", rate(3000, 360, 240, 40)}},
                                      R"([{"name":"colour","levels":["red","blue"]}])");
    inputs["engine"] = engine;
    for (const int days : {0, 7}) {
      inputs["cuped_days"] = days;
      const json::object verdict = verdict_of(inputs);
      const json::object& plain = first_comparison(verdict);
      const json::object& main = row_of(verdict, "main", 0);
      EXPECT_EQ(plain.at("cuped").as_bool(), days > 0);
      EXPECT_EQ(verdict.at("factors").at("cuped").as_bool(), days > 0);
      // As many did it before of each: nothing is taken off the lift, and both slopes are the same.
      for (const char* name : {"lift", "lift_low", "lift_high", "p_value", "standard_error"}) {
        EXPECT_NEAR(number_of(main, name), number_of(plain, name), 1e-9) << engine << days << name;
      }
    }
  }
}

TEST(FactorialTest, WhatWasBeforeNarrowsTheIntervals) {
  std::vector<Shown> arms = four_arms();
  arms[0].sums = rate(8000, 800, 1600, 560);
  arms[1].sums = rate(1000, 120, 200, 75);
  arms[2].sums = rate(2000, 220, 400, 140);
  arms[3].sums = rate(5000, 700, 1000, 430);
  json::object inputs = inputs_with(arms);
  const json::object plain = verdict_of(inputs);
  inputs["cuped_days"] = 7;
  const json::object adjusted = verdict_of(inputs);
  EXPECT_TRUE(adjusted.at("factors").at("cuped").as_bool());
  for (const char* kind : {"main", "interactions"}) {
    const json::object& before = row_of(plain, kind, 0);
    const json::object& after = row_of(adjusted, kind, 0);
    EXPECT_NEAR(number_of(after, "lift"), number_of(before, "lift"), 1e-9) << kind;
    EXPECT_LT(number_of(after, "standard_error"), 0.95 * number_of(before, "standard_error"));
  }
}

TEST(FactorialTest, AFactorOfThreeLevelsHasARowForEachButTheControls) {
  const json::object verdict = verdict_of(inputs_with(
      {{"a", "red", "short", rate(4000, 400)}, {"b", "blue", "short", rate(4000, 440)},
       {"c", "green", "short", rate(4000, 480)}, {"d", "red", "long", rate(4000, 420)},
       {"e", "blue", "long", rate(4000, 460)}, {"f", "green", "long", rate(4000, 600)}},
      R"([{"name":"colour","levels":["red","blue","green"]},
          {"name":"text","levels":["short","long"]}])"));
  ASSERT_EQ(verdict.at("factors").at("main").as_array().size(), 3U);
  EXPECT_NEAR(number_of(row_of(verdict, "main", 0), "lift"), 900.0 / 820 - 1, 1e-12);
  EXPECT_NEAR(number_of(row_of(verdict, "main", 1), "lift"), 1080.0 / 820 - 1, 1e-12);
  const json::object& text = row_of(verdict, "main", 2);
  EXPECT_NEAR(number_of(text, "lift"), 1480.0 / 1320 - 1, 1e-12);
  EXPECT_EQ(text.at("combinations"), 3);
  ASSERT_EQ(verdict.at("factors").at("interactions").as_array().size(), 2U);
  EXPECT_NEAR(number_of(row_of(verdict, "interactions", 0), "lift"), 0, 1e-12);
  EXPECT_NEAR(number_of(row_of(verdict, "interactions", 1), "lift"), 0.25, 1e-12);
}

TEST(FactorialTest, WhatNoVariationShowsIsNamedAndLeftOut) {
  std::vector<Shown> arms = four_arms();
  arms.pop_back();
  json::object verdict = verdict_of(inputs_with(arms));
  const json::object* factors = &verdict.at("factors").as_object();
  EXPECT_EQ(factors->at("missing"), json::parse(R"([["blue","long"]])"));
  EXPECT_EQ(factors->at("missing_count"), 1);
  EXPECT_TRUE(factors->at("interactions").as_array().empty());
  EXPECT_EQ(factors->at("untold_interactions"), 1);
  const json::object& colour = row_of(verdict, "main", 0);
  EXPECT_NEAR(number_of(colour, "lift"), 0.2, 1e-12) << "short texts alone: 0.12 over 0.10";
  EXPECT_EQ(colour.at("combinations"), 1);

  verdict = verdict_of(inputs_with({arms[0], {"d", "blue", "long", rate(5000, 700)}}));
  for (const std::size_t at : {0U, 1U}) {
    EXPECT_EQ(error_of(row_of(verdict, "main", at)), "no two variations differ in this alone");
  }
  EXPECT_EQ(verdict.at("factors").at("missing_count"), 2);
}

TEST(FactorialTest, SixFactorsOfSixteenLevelsAreAnsweredAtOnce) {
  json::object inputs = inputs_with(four_arms());
  json::array factors;
  for (const char* name : {"u", "v", "w", "x", "y", "z"}) {
    json::array levels;
    for (int i = 0; i < 16; ++i) levels.emplace_back(std::to_string(i));
    factors.push_back({{"name", name}, {"levels", std::move(levels)}});
  }
  inputs["factors"] = factors;
  for (json::value& arm : inputs["variations"].as_array()) {
    json::object shown;
    for (const json::value& factor : factors) shown[factor.at("name").as_string()] = "0";
    if (!arm.at("is_control").as_bool()) shown["u"] = arm.at("id") == "b" ? "1" : "2";
    if (arm.at("id") == "d") shown["v"] = "1";
    arm.as_object()["factors"] = std::move(shown);
  }
  const json::object verdict = verdict_of(inputs);
  const json::object& said = verdict.at("factors").as_object();
  EXPECT_EQ(said.at("main").as_array().size(), 90U);
  EXPECT_EQ(said.at("missing_count"), 16777216 - 4);
  EXPECT_EQ(said.at("missing").as_array().size(), 5U);
  EXPECT_EQ(said.at("untold_interactions"), 15 * 15 * 15);
}

TEST(FactorialTest, AVariationWithoutNumbersIsNamedWhereItIsNeeded) {
  std::vector<Shown> arms = four_arms();
  arms.push_back({"e", "green", "short", rate(1000, 0)});
  json::object inputs = inputs_with(arms, R"([{"name":"colour","levels":["red","blue","green"]},
                                              {"name":"text","levels":["short","long"]}])");
  json::object verdict = verdict_of(inputs);
  EXPECT_EQ(error_of(row_of(verdict, "main", 0)), "");
  EXPECT_EQ(error_of(row_of(verdict, "main", 1)), "variation e: zero or negative variance");
  inputs["variations"].as_array()[1].as_object()["factors"] = nullptr;
  verdict = verdict_of(inputs);
  EXPECT_EQ(error_of(verdict.at("factors").as_object()), "variation b shows no level of colour");
  for (Shown& arm : arms) arm.sums = rate(1000, 0);
  verdict = verdict_of(inputs_with(arms));
  EXPECT_EQ(error_of(verdict.at("factors").as_object()),
            "no event of the metric was seen of anybody in the test so far");
  EXPECT_FALSE(verdict_of(inputs_of({})).contains("factors"));
}

/// Numerators of 3 a person over denominators of `per`, each with a variance of 1.
ArmSums ratio(double n, double top, double per) {
  ArmSums arm;
  arm.sums[0] = n;
  arm.sums[1] = n * top;
  arm.sums[2] = n * top * top + (n - 1);
  arm.sums[3] = n * per;
  arm.sums[4] = n * per * per + (n - 1);
  arm.sums[5] = n * top * per;
  return arm;
}

TEST(FactorialTest, RatiosAreComparedUnlessTheirDenominatorIsNoise) {
  std::vector<Shown> arms = {{"a", "red", "short", ratio(1000, 3, 2)},
                             {"b", "blue", "short", ratio(500, 3.3, 2)},
                             {"c", "red", "long", ratio(700, 3, 2)},
                             {"d", "blue", "long", ratio(900, 3.3, 2)}};
  json::object inputs = inputs_with(arms);
  inputs["metrics"].as_array()[0].as_object()["kind"] = "ratio";
  json::object verdict = verdict_of(inputs);
  EXPECT_NEAR(number_of(row_of(verdict, "main", 0), "lift"), 0.1, 1e-12);
  EXPECT_NEAR(number_of(row_of(verdict, "interactions", 0), "lift"), 0, 1e-12);
  // A ratio's variance is (1 + R^2) / D^2 here: 0.8125 of 1.5, 0.930625 of 1.65.
  const double blue = 0.930625 / 500 / 4 + 0.930625 / 900 / 4;
  const double red = 0.8125 / 1000 / 4 + 0.8125 / 700 / 4;
  EXPECT_NEAR(number_of(row_of(verdict, "main", 0), "standard_error"),
              std::sqrt(blue / 2.25 + red * 1.21 / 2.25), 1e-12);

  arms[3].sums = ratio(100, 3, 0.4);   // 4 standard errors
  inputs = inputs_with(arms);
  inputs["metrics"].as_array()[0].as_object()["kind"] = "ratio";
  verdict = verdict_of(inputs);
  EXPECT_EQ(error_of(row_of(verdict, "main", 0)),
            "variation d: its mean denominator is under 5 standard errors: read it beside the "
            "control");
}

json::object day_of(const std::string& name, const std::vector<Shown>& arms) {
  json::object sums;
  for (const Shown& arm : arms) sums[arm.id] = array_of(arm.sums);
  return {{"day", name}, {"units", sums}, {"sums", sums}};
}

TEST(FactorialTest, ABanditsEffectsAreThoseOfItsDays) {
  // Blue is as good as red on each day; on the second day all rates are three times as high, and
  // most people get what is blue.
  const std::vector<Shown> first = {{"a", "red", "short", rate(4000, 400)},
                                    {"b", "blue", "short", rate(1000, 100)},
                                    {"c", "red", "long", rate(4000, 400)},
                                    {"d", "blue", "long", rate(1000, 100)}};
  const std::vector<Shown> second = {{"a", "red", "short", rate(1000, 300)},
                                     {"b", "blue", "short", rate(4000, 1200)},
                                     {"c", "red", "long", rate(1000, 300)},
                                     {"d", "blue", "long", rate(4000, 1200)}};
  std::vector<Shown> all = first;
  for (std::size_t i = 0; i < all.size(); ++i) all[i].sums += second[i].sums;
  json::object inputs = inputs_with(all);
  inputs["days"] = json::array{day_of("2026-11-01", first), day_of("2026-11-02", second)};
  EXPECT_GT(number_of(row_of(verdict_of(inputs), "main", 0), "lift"), 0.8);
  inputs["engine"] = "bandit";
  const json::object verdict = verdict_of(inputs);
  EXPECT_NEAR(number_of(row_of(verdict, "main", 0), "lift"), 0, 1e-12);
  EXPECT_NEAR(number_of(row_of(verdict, "interactions", 0), "lift"), 0, 1e-12);
}

// Each check alarms on a correct program with a chance of at most 5e-8.
TEST(FactorialTest, IntervalsHoldTheTruthInTheirShareOfWorlds) {
  constexpr int kWorlds = 4000;
  std::mt19937_64 random(20261122);
  const auto arm = [&](const char* id, const char* colour, const char* text, long n, double p) {
    std::binomial_distribution<long> law(n, p);
    return Shown{id, colour, text, rate(static_cast<double>(n), static_cast<double>(law(random)))};
  };
  int main = 0;
  int interaction = 0;
  int alarms = 0;
  for (int i = 0; i < kWorlds; ++i) {
    const json::object verdict = verdict_of(inputs_with(
        {arm("a", "red", "short", 6000, 0.10), arm("b", "blue", "short", 800, 0.14),
         arm("c", "red", "long", 1500, 0.08), arm("d", "blue", "long", 3000, 0.12)}));
    const auto holds = [&](const json::object& row, double truth) {
      return number_of(row, "lift_low") <= truth && truth <= number_of(row, "lift_high") ? 1 : 0;
    };
    main += holds(row_of(verdict, "main", 0), 0.13 / 0.09 - 1);
    interaction += holds(row_of(verdict, "interactions", 0), 0);
    alarms += number_of(row_of(verdict, "interactions", 0), "p_value") < 0.05 ? 1 : 0;
  }
  for (const int hits : {main, interaction, kWorlds - alarms}) {
    const Interval possible =
        clopper_pearson_interval({kWorlds, static_cast<double>(hits)}, 5e-8).value();
    EXPECT_TRUE(possible.holds(0.95)) << hits << " of " << kWorlds << ", seed 20261122";
  }
}

}  // namespace
}  // namespace attune::experiment
