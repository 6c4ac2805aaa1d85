#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <string>

#include "experiment/comparison.h"
#include "experiment/exact_json.h"
#include "experiment/results.h"
#include "experiment/sequential.h"
#include "experiment/verdict_inputs.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

TEST(VerdictTest, AClearWinnerIsOneAndItsNumbersAreThoseOfTheFormulas) {
  const json::object verdict = verdict_of(inputs_of({}));
  const json::object& found = first_comparison(verdict);
  EXPECT_NEAR(found.at("lift").as_double(), 0.2, 1e-12);
  const double variance = 0.12 * 0.88 / (5000 * 0.01) + 0.1 * 0.9 * 0.0144 / (5000 * 0.0001);
  EXPECT_NEAR(found.at("standard_error").as_double(), std::sqrt(variance), 1e-12);
  EXPECT_LT(found.at("p_value").as_double(), 0.01);
  EXPECT_EQ(found.at("significance").as_string(), "Highly Significant");
  EXPECT_EQ(verdict.at("outcome").as_string(), "won");
  EXPECT_EQ(verdict.at("winner").as_string(), "b");
  EXPECT_EQ(verdict.at("units").to_number<double>(), 10'000);
  EXPECT_EQ(verdict.at("mixed").to_number<int>(), 3);
  EXPECT_FALSE(verdict.at("srm").at("alarm").as_bool());
  EXPECT_LT(verdict.at("projected_lift_selected").as_double(), 0.2);
}

TEST(VerdictTest, IsTheSameBitForBitAfterItsInputsWereStored) {
  for (const std::string engine : {"frequentist", "sequential", "bayesian", "bandit"}) {
    const json::object inputs = inputs_of({rate(3333, 311), rate(3334, 355)}, engine);
    const std::string stored = json::serialize(inputs);
    const json::object again = verdict_of(parse_exact(stored)->as_object());
    EXPECT_EQ(json::serialize(again), json::serialize(verdict_of(inputs))) << engine;
  }
}

TEST(VerdictTest, ASequentialVerdictIsWiderAndKeepsItsSmallestP) {
  json::object inputs = inputs_of({}, "sequential");
  const json::object verdict = verdict_of(inputs);
  const json::object fixed = verdict_of(inputs_of({}));
  const auto width = [](const json::object& of) {
    return first_comparison(of).at("lift_high").as_double() -
           first_comparison(of).at("lift_low").as_double();
  };
  EXPECT_GT(width(verdict), width(fixed));
  EXPECT_GT(verdict.at("p_value").as_double(), fixed.at("p_value").as_double());
  inputs["least_p"] = {{"bought/b", 1e-6}};
  const json::object kept = verdict_of(inputs);
  EXPECT_EQ(kept.at("p_value").as_double(), 1e-6);
  EXPECT_EQ(kept.at("least_p").at("bought/b").as_double(), 1e-6);
}

TEST(VerdictTest, AMismatchOfPeopleForbidsAnyVerdict) {
  const json::object verdict = verdict_of(inputs_of({rate(5000, 500), rate(4000, 600)}));
  EXPECT_TRUE(verdict.at("srm").at("alarm").as_bool());
  EXPECT_EQ(verdict.at("outcome").as_string(), "inconclusive");
  EXPECT_EQ(verdict.at("significance").as_string(), "Not Significant");
  EXPECT_FALSE(verdict.contains("winner"));
  EXPECT_NE(verdict.at("advice").as_string().find("Trust no number"), std::string::npos);
}

TEST(VerdictTest, AWorseVariationLoses) {
  const json::object verdict = verdict_of(inputs_of({rate(5000, 600), rate(5000, 500)}));
  EXPECT_EQ(verdict.at("outcome").as_string(), "lost");
  EXPECT_EQ(verdict.at("winner").as_string(), "a");
  json::object lower = inputs_of({rate(5000, 600), rate(5000, 500)});
  lower["metrics"].as_array()[0].as_object()["higher_is_better"] = false;
  EXPECT_EQ(verdict_of(lower).at("outcome").as_string(), "won");
}

TEST(VerdictTest, SaysWhyThereIsNoNumber) {
  json::object nobody = inputs_of({});
  nobody["sums"] = json::object();
  const json::object empty = verdict_of(nobody);
  EXPECT_NE(first_comparison(empty).at("error").as_string().find("fewer than 2"),
            std::string::npos);
  EXPECT_EQ(empty.at("advice").as_string(), "Nobody was exposed so far.");
  const json::object one_armed = verdict_of(inputs_of({rate(5000, 500), rate(0, 0)}));
  EXPECT_TRUE(first_comparison(one_armed).contains("error"));
  EXPECT_TRUE(one_armed.at("srm").at("alarm").as_bool());
  const json::object unmatched = verdict_of(inputs_of({rate(500, 0), rate(500, 0)}));
  EXPECT_NE(first_comparison(unmatched).at("error").as_string().find("no event of the metric"),
            std::string::npos);
  const json::object no_baseline = verdict_of(inputs_of({rate(500, 0), rate(500, 9)}));
  EXPECT_TRUE(first_comparison(no_baseline).contains("error"));
  const json::object few = verdict_of(inputs_of({rate(90, 10), rate(90, 40)}));
  EXPECT_EQ(few.at("significance").as_string(), "Not Significant");
  EXPECT_EQ(few.at("advice").as_string(), "A variation has fewer than 100 people: wait.");
}

TEST(VerdictTest, ARatioWhoseDenominatorIsNothingSaysSo) {
  json::object inputs = inputs_of({});
  inputs["metrics"].as_array()[0].as_object()["kind"] = "ratio";   // d and its products are 0
  EXPECT_TRUE(first_comparison(verdict_of(inputs)).contains("error"));
}

TEST(VerdictTest, WhatWasKnownBeforeNarrowsTheInterval) {
  // Who bought before buys again: 400 of 500 in both arms.
  const Arms arms{rate(5000, 500, 500, 400), rate(5000, 560, 500, 400)};
  json::object inputs = inputs_of(arms);
  const json::object plain = verdict_of(inputs);
  inputs["cuped_days"] = 7;
  const json::object adjusted = verdict_of(inputs);
  EXPECT_FALSE(first_comparison(plain).at("cuped").as_bool());
  EXPECT_TRUE(first_comparison(adjusted).at("cuped").as_bool());
  EXPECT_LT(first_comparison(adjusted).at("standard_error").as_double(),
            first_comparison(plain).at("standard_error").as_double());
}

TEST(VerdictTest, AGuardrailThatIsHarmedIsNoWin) {
  json::object inputs = inputs_of({});
  inputs["metrics"].as_array().push_back(
      {{"name", "stayed"}, {"kind", "conversion"}, {"cap", 0}, {"higher_is_better", true}});
  inputs["guardrails"] = json::array{{{"metric", "stayed"}, {"margin", 0.02}}};
  const json::object worse{{"a", array_of(rate(5000, 3000))}, {"b", array_of(rate(5000, 2500))}};
  inputs["sums"].as_object()["stayed"] = {{"", {{"", worse}}}};
  const json::object verdict = verdict_of(inputs);
  EXPECT_EQ(verdict.at("guardrails").at(0).at("state").as_string(), "harmed");
  EXPECT_EQ(verdict.at("outcome").as_string(), "harmed");
  EXPECT_FALSE(verdict.contains("winner"));
  // Guardrails are no goals: the primary's p value is not corrected for them.
  EXPECT_EQ(first_comparison(verdict).at("p_value").as_double(),
            first_comparison(verdict).at("p_value_corrected").as_double());
}

TEST(VerdictTest, GoalsAreCorrectedTogether) {
  json::object inputs = inputs_of({});
  for (const std::string name : {"x", "y"}) {
    inputs["metrics"].as_array().push_back(
        {{"name", name}, {"kind", "conversion"}, {"cap", 0}, {"higher_is_better", true}});
    const json::object alike{{"a", array_of(rate(5000, 1000))}, {"b", array_of(rate(5000, 1001))}};
    inputs["sums"].as_object()[name] = {{"", {{"", alike}}}};
  }
  const json::object verdict = verdict_of(inputs);
  const json::object& found = first_comparison(verdict);
  EXPECT_NEAR(found.at("p_value_corrected").as_double(), 3 * found.at("p_value").as_double(),
              1e-12);
  EXPECT_LT(found.at("lift_low_corrected").as_double(), found.at("lift_low").as_double());
}

TEST(VerdictTest, ABanditsPeopleAreHeldAgainstTheSharesOfTheirDay) {
  json::object inputs = inputs_of({rate(6000, 600), rate(14'000, 1750)}, "bandit");
  const auto day = [](const std::string& name, double a, double b) {
    const json::object units{{"a", array_of(rate(a, 0))}, {"b", array_of(rate(b, 0))}};
    const json::object sums{{"a", array_of(rate(a, a / 10))}, {"b", array_of(rate(b, b / 8))}};
    return json::object{{"day", name}, {"units", units}, {"sums", sums}};
  };
  inputs["days"] = json::array{day("2026-11-01", 5000, 5000), day("2026-11-02", 1000, 9000)};
  EXPECT_TRUE(verdict_of(inputs).at("srm").at("alarm").as_bool());
  inputs["weights"] =
      json::array{{{"day", "2026-11-02"}, {"weights", {{"a", 0.1}, {"b", 0.9}}}}};
  const json::object verdict = verdict_of(inputs);
  EXPECT_FALSE(verdict.at("srm").at("alarm").as_bool());
  EXPECT_NEAR(first_comparison(verdict).at("lift").as_double(), 0.25, 1e-9);
}

}  // namespace
}  // namespace attune::experiment
