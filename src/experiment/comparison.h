// One metric of one variation against the control, as a verdict shows it.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "experiment/effect.h"
#include "experiment/moments.h"

namespace attune::experiment {

/// The sums of one arm, in the order of test_statistic: units, y, yy, d, dd, yd, x, xx, e, ee, xe,
/// yx, de, ye, xd.
struct ArmSums {
  std::array<double, 15> sums{};

  double units() const { return sums[0]; }
  double y() const { return sums[1]; }
  ArmSums& operator+=(const ArmSums& other);
};

/// How a test is read.
struct Reading {
  std::string engine = "frequentist";
  std::string kind = "conversion";   // of the metric
  std::string method = "confidence_sequence";   // of the engine sequential; or "msprt"
  double alpha = 0.05;
  double tuned_count = 5000;
  bool with_before = true;           // CUPED where there is something before
  bool lower_is_better = false;
};

/// Mean and variance of a unit of one arm.
Result<Moments> arm_moments(const ArmSums& arm, const std::string& kind);

/// Arms with what their people did before, and the theta of CUPED over all of them together.
struct PairedArms {
  std::vector<PairedMoments> arms;
  double theta = 0;
};
/// Errors  failed_precondition: fewer than 2 units, a denominator of 0, nothing varied before.
Result<PairedArms> paired_arms(std::span<const ArmSums> arms, const std::string& kind);

struct Comparison {
  Effect effect;           // relative
  bool is_adjusted = false;   // by CUPED
  TestResult test;
  double chance_to_beat = 0;
  double loss_of_shipping = 0;
  double effect_size = 0;  // Cohen's h of rates, d of means
};

/// Errors  failed_precondition: as effect_of; a metric that no event matched yet.
Result<Comparison> compare_arms(const ArmSums& control, const ArmSums& treatment,
                                const Reading& reading);
/// The same of means and variances that are known, such as those of quantiles.
Result<Comparison> compare_moments(const Moments& control, const Moments& treatment,
                                   const Reading& reading);
/// The same of an effect that is known, such as one over periods.
Result<Comparison> judge(const Effect& effect, const Reading& reading);

/// How the interval is made, as people call it: "Welch's t", "confidence sequence", "mSPRT",
/// "credible interval".
std::string_view method_name(const Reading& reading);

/// Two-sided interval at another alpha, of the same engine.
Result<Interval> interval_at(const Effect& effect, const Reading& reading, double alpha);

}  // namespace attune::experiment
