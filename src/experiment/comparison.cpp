#include "experiment/comparison.h"

#include <algorithm>

#include "experiment/bayes.h"
#include "experiment/proportion.h"
#include "experiment/sequential.h"

namespace attune::experiment {
namespace {

bool is_rate(const std::string& kind) { return kind == "conversion" || kind == "retention"; }

PairSums with_before(const ArmSums& arm) {
  const auto& s = arm.sums;
  return {.count = s[0], .first = s[1], .first_squares = s[2], .second = s[6],
          .second_squares = s[7], .products = s[11]};
}

RatioPairSums ratio_with_before(const ArmSums& arm) {
  const auto& s = arm.sums;
  RatioPairSums sums;
  sums.count = s[0];
  sums.numerator_after = s[1];
  sums.numerator_after_squares = s[2];
  sums.denominator_after = s[3];
  sums.denominator_after_squares = s[4];
  sums.after = s[5];
  sums.numerator_before = s[6];
  sums.numerator_before_squares = s[7];
  sums.denominator_before = s[8];
  sums.denominator_before_squares = s[9];
  sums.before = s[10];
  sums.numerators = s[11];
  sums.denominators = s[12];
  sums.numerator_after_denominator_before = s[13];
  sums.numerator_before_denominator_after = s[14];
  return sums;
}

Result<PairedMoments> paired(const ArmSums& arm, const std::string& kind) {
  if (kind == "ratio") return paired_moments(ratio_with_before(arm));
  if (is_rate(kind)) return paired_proportion_moments(with_before(arm));
  return paired_moments(with_before(arm));
}

/// The adjusted effect; an error where there is nothing to adjust by.
Result<Effect> adjusted_effect(const ArmSums& control, const ArmSums& treatment,
                               const std::string& kind) {
  const std::array both{control, treatment};
  ATTUNE_ASSIGN(const PairedArms paired, paired_arms(both, kind));
  const CupedArms arms{
      .control = paired.arms[0], .treatment = paired.arms[1], .theta = paired.theta};
  return kind == "ratio" ? cuped_ratio_effect(arms, Scale::relative)
                         : cuped_effect(arms, Scale::relative);
}

bool is_msprt(const Reading& reading) {
  return reading.engine == "sequential" && reading.method == "msprt";
}

/// mSPRT of the lift itself: its delta-method variances stand where those of a difference do.
Result<TestResult> msprt_of_lift(const Effect& effect, double alpha) {
  Effect difference = effect;
  difference.scale = Scale::absolute;
  return msprt(difference,
               {.control = effect.control_unit_variance,
                .treatment = effect.treatment_unit_variance},
               alpha);
}

Result<TestResult> tested(const Effect& effect, const Reading& reading, double alpha) {
  if (is_msprt(reading)) return msprt_of_lift(effect, alpha);
  if (reading.engine == "sequential" || reading.engine == "bandit") {
    return confidence_sequence(effect, {.alpha = alpha, .tuned_count = reading.tuned_count});
  }
  return t_test(effect, {.alpha = alpha});
}

}  // namespace

ArmSums& ArmSums::operator+=(const ArmSums& other) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += other.sums[i];
  return *this;
}

Result<Moments> arm_moments(const ArmSums& arm, const std::string& kind) {
  const auto& s = arm.sums;
  if (is_rate(kind)) return moments_of(ProportionSums{.count = s[0], .successes = s[1]});
  if (kind == "ratio") {
    return ratio_moments({.count = s[0], .first = s[1], .first_squares = s[2], .second = s[3],
                          .second_squares = s[4], .products = s[5]});
  }
  return moments_of(MeanSums{.count = s[0], .sum = s[1], .sum_of_squares = s[2]});
}

Result<PairedArms> paired_arms(std::span<const ArmSums> arms, const std::string& kind) {
  PairedArms made;
  ArmSums all;
  for (const ArmSums& arm : arms) {
    ATTUNE_ASSIGN(const PairedMoments of, paired(arm, kind));
    all += arm;
    made.arms.push_back(of);
  }
  if (kind == "ratio") {
    made.theta = cuped_ratio_theta(made.arms);
  } else {
    ATTUNE_ASSIGN(const PairedMoments pooled, paired(all, kind));
    made.theta = cuped_theta(pooled);
  }
  if (made.theta == 0) return fail(ErrorCode::failed_precondition, "nothing varied before");
  return made;
}

Result<Comparison> judge(const Effect& effect, const Reading& reading) {
  Comparison comparison;
  comparison.effect = effect;
  ATTUNE_ASSIGN(comparison.test, tested(effect, reading, reading.alpha));
  ATTUNE_ASSIGN(const Posterior posterior,
                normal_posterior(effect, {.alpha = reading.alpha, .prior = {},
                                          .lower_is_better = reading.lower_is_better}));
  comparison.chance_to_beat = posterior.chance_to_beat;
  comparison.loss_of_shipping = posterior.loss.of_shipping_treatment;
  if (reading.engine == "bayesian") comparison.test.interval = posterior.interval;
  return comparison;
}

Result<Comparison> compare_arms(const ArmSums& control, const ArmSums& treatment,
                                const Reading& reading) {
  if (control.y() == 0 && treatment.y() == 0 && control.units() + treatment.units() > 0) {
    return fail(ErrorCode::failed_precondition,
                "no event of the metric was seen of anybody in the test so far");
  }
  ATTUNE_ASSIGN(const Moments a, arm_moments(control, reading.kind));
  ATTUNE_ASSIGN(const Moments b, arm_moments(treatment, reading.kind));
  Result<Effect> effect = effect_of(a, b, Scale::relative);
  bool adjusted = false;
  if (reading.with_before && reading.kind != "retention") {
    auto better = adjusted_effect(control, treatment, reading.kind);
    adjusted = better.has_value();
    if (adjusted) effect = std::move(better);
  }
  if (!effect) return tl::unexpected<Error>(effect.error());
  ATTUNE_ASSIGN(Comparison comparison, judge(*effect, reading));
  comparison.is_adjusted = adjusted;
  comparison.effect_size =
      is_rate(reading.kind) ? cohen_h(b.mean, a.mean) : cohen_d(b, a);
  return comparison;
}

Result<Comparison> compare_moments(const Moments& control, const Moments& treatment,
                                   const Reading& reading) {
  ATTUNE_ASSIGN(const Effect effect, effect_of(control, treatment, Scale::relative));
  return judge(effect, reading);
}

std::string_view method_name(const Reading& reading) {
  if (reading.engine == "bayesian") return "credible interval";
  if (is_msprt(reading)) return "mSPRT";
  const bool any_day = reading.engine == "sequential" || reading.engine == "bandit";
  return any_day ? "confidence sequence" : "Welch's t";
}

Result<Interval> interval_at(const Effect& effect, const Reading& reading, double alpha) {
  if (reading.engine == "bayesian") {
    ATTUNE_ASSIGN(const Posterior posterior,
                  normal_posterior(effect, {.alpha = alpha, .prior = {}}));
    return posterior.interval;
  }
  ATTUNE_ASSIGN(const TestResult result, tested(effect, reading, alpha));
  return result.interval;
}

}  // namespace attune::experiment
