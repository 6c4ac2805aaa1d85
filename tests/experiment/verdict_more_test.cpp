// What a verdict says beyond lifts of means: quantiles, sums cut at one, null results that say
// something, noisy ratios, mSPRT, and lifts in the light of earlier tests. Numbers are by hand.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <string>

#include "experiment/exact_json.h"
#include "experiment/history.h"
#include "experiment/neutral.h"
#include "experiment/noisy_ratio.h"
#include "experiment/quantile_metric.h"
#include "experiment/results.h"
#include "experiment/verdict_inputs.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

json::object quantile_row(double people, json::value low, double value, json::value high) {
  return {{"people", people}, {"amounts", people}, {"value", value}, {"low", std::move(low)},
          {"high", std::move(high)}};
}

json::object quantile_inputs(json::object control, json::object treatment) {
  json::object inputs = inputs_of({});
  inputs["metrics"].as_array()[0] = {{"name", "bought"},          {"kind", "quantile"},
                                     {"cap", 0},                  {"higher_is_better", false},
                                     {"ignore_zeros", false},     {"quantile", 0.9},
                                     {"per", "person"}};
  inputs["quantiles"] = {
      {"bought", {{"a", std::move(control)}, {"b", std::move(treatment)}}}};
  return inputs;
}

std::string error_of(const json::object& verdict) {
  return std::string(first_comparison(verdict).at("error").as_string());
}

TEST(QuantileVerdictTest, TheLiftOfAQuantileHasTheErrorOfItsOrderStatistics) {
  const json::object verdict = verdict_of(
      quantile_inputs(quantile_row(5000, 190.0, 200, 210.0),
                      quantile_row(5000, 172.0, 180, 188.0)));
  const json::object& found = first_comparison(verdict);
  EXPECT_NEAR(found.at("lift").as_double(), -0.1, 1e-12);
  // Errors (high - low) / (2 * 1.959964), as those of a variance of 4999/5000; relative to 200.
  const double a = std::sqrt(4999.0 / 5000) * 20 / (2 * 1.959963984540054);
  const double b = std::sqrt(4999.0 / 5000) * 16 / (2 * 1.959963984540054);
  EXPECT_NEAR(found.at("standard_error").as_double(),
              std::sqrt(b * b / 40'000 + a * a * 180 * 180 / std::pow(200, 4)), 1e-12);
  EXPECT_FALSE(found.contains("effect_size"));
  EXPECT_EQ(verdict.at("outcome").as_string(), "won");   // less is better
  const json::object& metric = verdict.at("metrics").at(0).as_object();
  EXPECT_EQ(metric.at("quantile").to_number<double>(), 0.9);
  EXPECT_EQ(metric.at("variations").at(1).at("mean").to_number<double>(), 180);
  EXPECT_TRUE(verdict.at("days").as_array().empty());
}

TEST(QuantileVerdictTest, SaysInWordsWhyThereIsNone) {
  const json::object good = quantile_row(5000, 190.0, 200, 210.0);
  EXPECT_EQ(error_of(verdict_of(quantile_inputs(good, quantile_row(12, 3.0, 9, nullptr)))),
            "12 values of 12 people are too few beside the quantile");
  EXPECT_EQ(error_of(verdict_of(quantile_inputs(quantile_row(5000, 0.0, 0, 0.0), good))),
            "so many values are 0 that the error of the quantile cannot be told");
  json::object nobody = quantile_inputs(good, good);
  nobody["quantiles"] = json::object();
  EXPECT_EQ(error_of(verdict_of(nobody)),
            "no value of the metric was seen in the variation so far");
}

TEST(WinsorVerdictTest, TheCapIsShownAndOneThatCutsAllIsRefused) {
  json::object inputs = inputs_of({});
  json::object& metric = inputs["metrics"].as_array()[0].as_object();
  metric["winsor_quantile"] = 0.99;
  inputs["quantiles"] = {{"bought", {{"", quantile_row(10'000, 90.0, 120, 300.0)}}}};
  const json::object said = verdict_of(inputs).at("metrics").at(0).at("winsor").as_object();
  EXPECT_EQ(said.at("cap").to_number<double>(), 120);
  EXPECT_FALSE(said.contains("note"));
  inputs["quantiles"] = {{"bought", {{"", quantile_row(99, nullptr, 120, nullptr)}}}};
  EXPECT_EQ(verdict_of(inputs).at("metrics").at(0).at("winsor").at("note").as_string(),
            "99 people are too few: nothing is cut");
  inputs["quantiles"] = {{"bought", {{"", quantile_row(10'000, 0.0, 0, 0.0)}}}};
  const json::object refused = verdict_of(inputs);
  EXPECT_NE(error_of(refused).find("would cut everything"), std::string::npos);
  EXPECT_EQ(refused.at("outcome").as_string(), "inconclusive");
}

TEST(NeutralVerdictTest, AnIntervalInsideTheSmallestLiftIsANullResult) {
  // Lift 0.001, its standard error close to sqrt(2 * 0.09 / (50,000 * 0.01)) = 0.019.
  json::object inputs = inputs_of({rate(50'000, 5000), rate(50'000, 5005)});
  EXPECT_EQ(verdict_of(inputs).at("outcome").as_string(), "inconclusive");
  inputs["smallest_lift"] = 0.05;
  const json::object verdict = verdict_of(inputs);
  EXPECT_EQ(verdict.at("outcome").as_string(), "neutral");
  EXPECT_EQ(verdict.at("neutral_basis").as_string(), "interval");
  EXPECT_FALSE(verdict.contains("winner"));
  inputs["smallest_lift"] = 0.03;   // 1.6 standard errors: found by a third of such tests
  EXPECT_EQ(verdict_of(inputs).at("outcome").as_string(), "inconclusive");
  inputs["smallest_lift"] = 0.05;
  inputs["sample_size"] = 200'000;   // a fixed test before its size says nothing
  EXPECT_EQ(verdict_of(inputs).at("outcome").as_string(), "inconclusive");
}

TEST(NeutralVerdictTest, ALiftThatWouldHaveBeenFoundAndWasNotIsOneToo) {
  // Lift 0.03 +- 0.038 reaches over 0.06, which is 3.1 standard errors: found with 88 %.
  json::object inputs = inputs_of({rate(50'000, 5000), rate(50'000, 5150)});
  inputs["smallest_lift"] = 0.06;
  const json::object verdict = verdict_of(inputs);
  EXPECT_EQ(verdict.at("outcome").as_string(), "neutral");
  EXPECT_EQ(verdict.at("neutral_basis").as_string(), "power");
  inputs["smallest_lift"] = 0.05;   // 2.6 standard errors: 74 %
  EXPECT_EQ(verdict_of(inputs).at("outcome").as_string(), "inconclusive");
}

TEST(NeutralVerdictTest, WhatIsSignificantOrUnsoundIsNeverNeutral) {
  json::object won = inputs_of({});
  won["smallest_lift"] = 0.9;
  EXPECT_EQ(verdict_of(won).at("outcome").as_string(), "won");
  json::object mismatch = inputs_of({rate(50'000, 5000), rate(48'000, 4805)});
  mismatch["smallest_lift"] = 0.9;
  EXPECT_EQ(verdict_of(mismatch).at("outcome").as_string(), "inconclusive");
}

/// Four people with y 2, 1, 4, 1 and d 1, 1, 2, 0.
ArmSums noisy() {
  ArmSums arm;
  arm.sums = {4, 8, 22, 4, 6, 11};
  return arm;
}

TEST(NoisyRatioTest, FiellersEndsAreWhereTheRatioIsZStandardErrorsAway) {
  const PairSums sums{4, 8, 22, 4, 6, 11};
  const auto interval = fieller_ratio_interval(sums, 1);
  ASSERT_TRUE(interval);
  // a = 1 - 1/6, b = 2 - 1/4, c = 4 - 1/2: (b -+ sqrt(b^2 - a c)) / a.
  EXPECT_NEAR(interval->low, 1.641743, 1e-6);
  EXPECT_NEAR(interval->high, 2.558257, 1e-6);
  for (const double r : {interval->low, interval->high}) {
    EXPECT_NEAR(std::pow(2 - r, 2), 0.5 - 2 * r * 0.25 + r * r / 6, 1e-9);
  }
  const auto open = fieller_ratio_interval(sums, 3);
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().message().find("no ends"), std::string::npos);
  EXPECT_FALSE(fieller_ratio_interval(PairSums{1, 2, 4, 1, 1, 2}, 1));
}

TEST(NoisyRatioTest, IsSaidInWordsWhereTheDenominatorIsNoisyAlone) {
  // D / SE(D) = 1 / sqrt(2 / 12) = 2.449.
  TestResult test{.estimate = 0, .standard_error = 1, .interval = {-1, 1}, .p_value = 1};
  const json::object said = noisy_ratio_json({noisy(), noisy()}, test);
  EXPECT_NEAR(said.at("denominator_certainty").as_double(), 2.449490, 1e-6);
  EXPECT_NEAR(said.at("fieller").at("control").at("low").as_double(), 1.641743, 1e-6);
  EXPECT_NE(said.at("note").as_string().find("2.4 standard errors"), std::string::npos);
  test.interval = {-3, 3};
  const json::object wide = noisy_ratio_json({noisy(), noisy()}, test);
  EXPECT_TRUE(wide.at("fieller").at("treatment").as_object().contains("error"));
  ArmSums many = noisy();
  for (double& sum : many.sums) sum *= 100;
  const json::object certain = noisy_ratio_json({many, many}, test);
  EXPECT_FALSE(certain.contains("note"));
  EXPECT_GT(certain.at("denominator_certainty").as_double(), 5);
}

TEST(SequentialMethodTest, MsprtIsChosenNamedAndThatOfItsFormula) {
  json::object inputs = inputs_of({}, "sequential");
  EXPECT_EQ(verdict_of(inputs).at("method").as_string(), "confidence sequence");
  inputs["sequential_method"] = "msprt";
  const json::object verdict = verdict_of(inputs);
  EXPECT_EQ(verdict.at("method").as_string(), "mSPRT");
  const json::object& found = first_comparison(verdict);
  // Variances of a person's share of the lift: 0.12 * 0.88 / 0.01 and 0.1 * 0.9 * 0.0144 / 0.0001.
  const double v = (10.56 + 12.96) / 5000;
  const double tau = std::pow(1.959963984540054, 2) * (10.56 + 12.96) / 10'000;
  const double z =
      std::sqrt((v + tau) / tau * (-2 * std::log(0.025) - std::log(v / (v + tau))));
  EXPECT_NEAR(found.at("lift_low").as_double(), 0.2 - z * std::sqrt(v), 1e-9);
  EXPECT_NEAR(found.at("lift_high").as_double(), 0.2 + z * std::sqrt(v), 1e-9);
  EXPECT_NEAR(found.at("p_value").as_double(),
              std::erfc(0.2 / std::sqrt(v) * 1.959963984540054 / z / std::sqrt(2.0)), 1e-9);
  const std::string stored = json::serialize(inputs);
  EXPECT_EQ(json::serialize(verdict_of(parse_exact(stored)->as_object())),
            json::serialize(verdict));
}

json::array history_of(std::initializer_list<double> lifts, double variance) {
  json::array history;
  for (const double lift : lifts) history.push_back({{"lift", lift}, {"variance", variance}});
  return history;
}

TEST(HistoryTest, ALiftIsShrunkTowardsThoseOfFinishedTests) {
  json::object inputs = inputs_of({});
  // Sample variance 10 * 0.04^2 / 9 less that of the errors: tau^2 = 0.00177778 - 0.0004.
  inputs["history"] =
      history_of({0.06, -0.02, 0.06, -0.02, 0.06, -0.02, 0.06, -0.02, 0.06, -0.02}, 0.0004);
  const json::object said = verdict_of(inputs).at("projected_lift_shrunk").as_object();
  EXPECT_EQ(said.at("tests").to_number<int>(), 10);
  EXPECT_NEAR(said.at("mean").as_double(), 0.02, 1e-12);
  EXPECT_NEAR(said.at("deviation").as_double(), std::sqrt(0.016 / 9 - 0.0004), 1e-9);
  // kept = tau^2 / (tau^2 + 0.004704); 0.2 kept + 0.02 (1 - kept).
  EXPECT_NEAR(said.at("kept").as_double(), 0.226542, 1e-6);
  EXPECT_NEAR(said.at("lift").as_double(), 0.060778, 1e-6);
}

TEST(HistoryTest, TooFewOrTooEqualTestsSaySo) {
  json::object inputs = inputs_of({});
  inputs["history"] = history_of({0.06, -0.02, 0.03}, 0.0004);
  EXPECT_EQ(verdict_of(inputs).at("projected_lift_shrunk").at("error").as_string(),
            "3 finished tests of this metric; 10 are needed");
  inputs["history"] =
      history_of({0.02, 0.021, 0.02, 0.019, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02}, 0.0004);
  const json::object equal = verdict_of(inputs).at("projected_lift_shrunk").as_object();
  EXPECT_NE(equal.at("error").as_string().find("no more than chance"), std::string::npos);
  EXPECT_FALSE(equal.contains("lift"));
}

}  // namespace
}  // namespace attune::experiment
