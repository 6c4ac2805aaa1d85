// What gather() reads of a test of two variations, with numbers of a test's own.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "experiment/comparison.h"

namespace attune::experiment {

/// Sums of an arm of a rate: x of n, and in `before` as many of them before.
inline ArmSums rate(double n, double x, double before = 0, double both = 0) {
  ArmSums arm;
  arm.sums[0] = n;
  arm.sums[1] = arm.sums[2] = x;
  arm.sums[6] = arm.sums[7] = before;
  arm.sums[11] = both;
  return arm;
}

inline boost::json::array array_of(const ArmSums& arm) {
  boost::json::array list;
  for (const double sum : arm.sums) list.emplace_back(sum);
  return list;
}

struct Arms {
  ArmSums control = rate(5000, 500);
  ArmSums treatment = rate(5000, 600);
};

inline boost::json::object inputs_of(const Arms& arms, const std::string& engine = "frequentist") {
  boost::json::object inputs{
      {"engine", engine},
      {"alpha", 0.05},
      {"primary", "bought"},
      {"correction", "holm"},
      {"cuped_days", 0},
      {"n_star", 5000.0},
      {"sample_size", 0},
      {"horizon_days", 30.0},
      {"started_at", "2026-11-01T00:00:00Z"},
      {"duration_days", 10.0},
      {"mixed", 3},
      {"refreshed_at", nullptr},
      {"metrics", boost::json::array{{{"name", "bought"}, {"kind", "conversion"}, {"cap", 0},
                               {"higher_is_better", true}}}},
      {"guardrails", boost::json::array()},
      {"variations", boost::json::array{{{"id", "a"}, {"is_control", true}, {"weight", 0.5}},
                                 {{"id", "b"}, {"is_control", false}, {"weight", 0.5}}}},
      {"weights", boost::json::array()},
      {"least_p", boost::json::object()},
      {"days", boost::json::array()}};
  const boost::json::object both{{"a", array_of(arms.control)}, {"b", array_of(arms.treatment)}};
  inputs["sums"] = {{"", {{"", {{"", both}}}}}, {"bought", {{"", {{"", both}}}}}};
  return inputs;
}

inline const boost::json::object& first_comparison(const boost::json::object& verdict) {
  return verdict.at("comparisons").as_array().at(0).as_object();
}

}  // namespace attune::experiment
