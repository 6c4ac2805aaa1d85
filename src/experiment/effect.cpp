#include "experiment/effect.h"

#include <cmath>
#include <limits>

#include "experiment/distributions.h"

namespace attune::experiment {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

tl::unexpected<Error> refuse(const char* reason) {
  return fail(ErrorCode::failed_precondition, reason);
}

Result<void> check_arms(const Moments& control, const Moments& treatment, Scale scale) {
  if (!(control.count >= 2) || !(treatment.count >= 2)) return refuse("fewer than 2 units");
  if (!(control.variance > 0) || !(treatment.variance > 0)) {
    return refuse("zero or negative variance");
  }
  if (!std::isfinite(control.mean) || !std::isfinite(treatment.mean)) {
    return fail(ErrorCode::invalid_argument, "a mean is not a finite number");
  }
  if (scale == Scale::relative && control.mean == 0) return refuse("the control mean is 0");
  return {};
}

double welch_degrees(const Moments& control, const Moments& treatment) {
  const double a = control.variance / control.count;
  const double b = treatment.variance / treatment.count;
  return (a + b) * (a + b) / (a * a / (control.count - 1) + b * b / (treatment.count - 1));
}

/// The effect of adjusted arms, where `slope` says how the relative effect falls as the control
/// mean rises, in units of 1 / control mean.
Effect adjusted_effect(const CupedArms& arms, Scale scale, double slope) {
  const Moments control = arms.control.adjusted(arms.theta);
  const Moments treatment = arms.treatment.adjusted(arms.theta);
  const double base = arms.control.after_mean;
  Effect effect{.estimate = treatment.mean - control.mean,
                .variance = treatment.variance / treatment.count + control.variance / control.count,
                .degrees_of_freedom = welch_degrees(control, treatment),
                .count = control.count + treatment.count,
                .control_mean = base,
                .scale = scale,
                .control_unit_variance = control.variance,
                .treatment_unit_variance = treatment.variance};
  if (scale == Scale::absolute) return effect;
  const PairedMoments& a = arms.control;
  const double theta = arms.theta;
  const double control_share = a.after_variance * slope * slope -
                               2 * theta * a.covariance * slope +
                               theta * theta * a.before_variance;
  effect.estimate /= std::abs(base);
  effect.variance =
      (treatment.variance / treatment.count + control_share / a.count) / (base * base);
  effect.control_unit_variance = control_share / (base * base);
  effect.treatment_unit_variance = treatment.variance / (base * base);
  return effect;
}

Result<Effect> checked_cuped(const CupedArms& arms, Scale scale, double slope) {
  Moments control = arms.control.adjusted(arms.theta);
  control.mean = arms.control.after_mean;
  ATTUNE_TRY(check_arms(control, arms.treatment.adjusted(arms.theta), scale));
  const Effect effect = adjusted_effect(arms, scale, slope);
  if (!(effect.variance > 0)) return refuse("zero or negative variance");
  return effect;
}

/// A test whose statistic follows Student's law; infinite degrees of freedom are the normal law.
TestResult tested(const Effect& effect, const TestOptions& options, double degrees) {
  const double error = effect.standard_error();
  const double t = effect.estimate / error;
  const bool two_sided = options.alternative == Alternative::two_sided;
  const double reach =
      error * student_quantile(1 - (two_sided ? options.alpha / 2 : options.alpha), degrees);
  TestResult result{effect.estimate, error, {-kInfinity, kInfinity}, 1};
  if (options.alternative != Alternative::less) result.interval.low = effect.estimate - reach;
  if (options.alternative != Alternative::greater) result.interval.high = effect.estimate + reach;
  // The lower tail of -x, because 1 - cdf(x) loses its digits far out.
  switch (options.alternative) {
    case Alternative::two_sided: result.p_value = 2 * student_cdf(-std::abs(t), degrees); break;
    case Alternative::greater: result.p_value = student_cdf(-t, degrees); break;
    case Alternative::less: result.p_value = student_cdf(t, degrees); break;
  }
  return result;
}

}  // namespace

double Effect::standard_error() const { return std::sqrt(variance); }

Result<void> check_alpha(double alpha) {
  if (alpha > 0 && alpha < 0.5) return {};
  return fail(ErrorCode::invalid_argument, "alpha must be between 0 and 0.5", "alpha");
}

Result<double> relative_lift(double difference, double control_mean) {
  if (control_mean == 0) return refuse("the control mean is 0");
  return difference / std::abs(control_mean);
}

Result<Effect> effect_of(const Moments& control, const Moments& treatment, Scale scale) {
  ATTUNE_TRY(check_arms(control, treatment, scale));
  const double control_share = control.variance / control.count;
  const double treatment_share = treatment.variance / treatment.count;
  Effect effect{.estimate = treatment.mean - control.mean,
                .variance = treatment_share + control_share,
                .degrees_of_freedom = welch_degrees(control, treatment),
                .count = control.count + treatment.count,
                .control_mean = control.mean,
                .scale = scale,
                .control_unit_variance = control.variance,
                .treatment_unit_variance = treatment.variance};
  if (scale == Scale::absolute) return effect;
  const double ratio = treatment.mean / control.mean;
  effect.estimate /= std::abs(control.mean);
  effect.variance =
      (treatment_share + control_share * ratio * ratio) / (control.mean * control.mean);
  effect.control_unit_variance *= ratio * ratio / (control.mean * control.mean);
  effect.treatment_unit_variance /= control.mean * control.mean;
  return effect;
}

double cuped_theta(const PairedMoments& both_arms) {
  return both_arms.before_variance > 0 ? both_arms.covariance / both_arms.before_variance : 0;
}

double cuped_ratio_theta(std::span<const PairedMoments> arms) {
  double covariance = 0;
  double before = 0;
  for (const PairedMoments& arm : arms) {
    covariance += arm.covariance;
    before += arm.before_variance;
  }
  return before > 0 ? covariance / before : 0;
}

Result<Effect> cuped_effect(const CupedArms& arms, Scale scale) {
  return checked_cuped(arms, scale, arms.treatment.after_mean / arms.control.after_mean);
}

Result<Effect> cuped_ratio_effect(const CupedArms& arms, Scale scale) {
  const double difference =
      arms.treatment.adjusted(arms.theta).mean - arms.control.adjusted(arms.theta).mean;
  return checked_cuped(arms, scale, 1 + difference / arms.control.after_mean);
}

Result<TestResult> t_test(const Effect& effect, const TestOptions& options) {
  ATTUNE_TRY(check_alpha(options.alpha));
  return tested(effect, options, effect.degrees_of_freedom);
}

Result<TestResult> z_test(const Effect& effect, const TestOptions& options) {
  ATTUNE_TRY(check_alpha(options.alpha));
  return tested(effect, options, kInfinity);
}

Result<Interval> fieller_interval(const Moments& control, const Moments& treatment, double alpha) {
  ATTUNE_TRY(check_alpha(alpha));
  ATTUNE_TRY(check_arms(control, treatment, Scale::relative));
  const double z2 = std::pow(normal_quantile(1 - alpha / 2), 2);
  // Ratios r with (mB - r mA)^2 <= z^2 (VB + r^2 VA).
  const double a = control.mean * control.mean - z2 * control.variance / control.count;
  const double b = control.mean * treatment.mean;
  const double c = treatment.mean * treatment.mean - z2 * treatment.variance / treatment.count;
  if (!(a > 0)) return refuse("the control mean is too close to 0 for a bounded interval");
  const double root = std::sqrt(b * b - a * c);
  const Interval change{(b - root) / a - 1, (b + root) / a - 1};
  if (control.mean > 0) return change;
  return Interval{-change.high, -change.low};
}

Result<GuardrailResult> guardrail(const Effect& effect, const GuardrailOptions& options) {
  if (!(options.margin > 0)) {
    return fail(ErrorCode::invalid_argument, "the margin must be above 0", "margin");
  }
  const double margin = options.lower_is_better ? options.margin : -options.margin;
  const Alternative good = options.lower_is_better ? Alternative::less : Alternative::greater;
  const Alternative bad = options.lower_is_better ? Alternative::greater : Alternative::less;
  ATTUNE_ASSIGN(const TestResult better, t_test(effect, {options.alpha, good}));
  ATTUNE_ASSIGN(const TestResult worse, t_test(effect, {options.alpha, bad}));
  Effect from_margin = effect;
  from_margin.estimate -= margin;
  ATTUNE_ASSIGN(const TestResult against_margin, t_test(from_margin, {options.alpha, good}));
  GuardrailResult result{GuardrailState::undecided, against_margin.p_value,
                         options.lower_is_better ? better.interval.high : better.interval.low};
  // A harm that is shown is told even where it is under the margin as well.
  if (worse.p_value < options.alpha) {
    result.state = GuardrailState::harmed;
  } else if (against_margin.p_value < options.alpha) {
    result.state = GuardrailState::safe;
  }
  return result;
}

}  // namespace attune::experiment
