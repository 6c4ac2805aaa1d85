// What the published vectors leave open: refusals with their reasons, sums that add up, and the
// numbers that come from formulas in books.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "experiment/bandit_weights.h"
#include "experiment/bayes.h"
#include "experiment/corrections.h"
#include "experiment/effect.h"
#include "experiment/moments.h"
#include "experiment/power.h"
#include "experiment/proportion.h"
#include "experiment/sequential.h"
#include "experiment/shrinkage.h"
#include "experiment/srm.h"

namespace attune::experiment {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The message of a refusal; empty when there is none. Checks the code on the way.
template <class T>
std::string refusal(const Result<T>& result,
                    ErrorCode code = ErrorCode::failed_precondition) {
  if (result) return "";
  EXPECT_EQ(result.error().code(), code);
  return result.error().message();
}

const Moments kControl{1000, 10, 25};
const Moments kTreatment{1200, 10.5, 26};

Effect some_effect(Scale scale = Scale::relative) {
  return effect_of(kControl, kTreatment, scale).value();
}

TEST(MomentsTest, AddUpOverDays) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> law(3, 2);
  PairSums all;
  std::array<PairSums, 3> days;
  for (int i = 0; i < 300; ++i) {
    const double m = law(random);
    const double d = 5 + law(random);
    all.add(m, d);
    days[static_cast<std::size_t>(i % 3)].add(m, d);
  }
  PairSums sum = days[0];
  sum += days[1];
  sum += days[2];
  EXPECT_NEAR(ratio_moments(sum)->variance, ratio_moments(all)->variance, 1e-12);
  EXPECT_NEAR(ratio_moments(sum)->mean, ratio_moments(all)->mean, 1e-12);
}

TEST(MomentsTest, RefuseWithAReason) {
  EXPECT_EQ(refusal(moments_of(MeanSums{1, 5, 25})), "fewer than 2 units");
  EXPECT_EQ(refusal(moments_of(MeanSums{3, 6, 12})), "zero or negative variance");
  EXPECT_EQ(refusal(moments_of(MeanSums{3, kNan, 12}), ErrorCode::invalid_argument),
            "a sum is not a finite number");
  EXPECT_EQ(refusal(moments_of(ProportionSums{10, 0})), "zero or negative variance");
  EXPECT_EQ(refusal(moments_of(ProportionSums{10, 10})), "zero or negative variance");
  EXPECT_NE(refusal(moments_of(ProportionSums{10, 11}), ErrorCode::invalid_argument), "");
  EXPECT_EQ(refusal(moments_of(ProportionSums{0, 0})), "fewer than 2 units");
  EXPECT_EQ(refusal(ratio_moments({10, 5, 5, 0, 0, 0})), "the denominator of the ratio is 0");
  EXPECT_EQ(refusal(paired_moments(RatioPairSums{})), "fewer than 2 units");
}

TEST(MomentsTest, NoisyDenominatorIsSeen) {
  PairSums sums;
  for (int i = 0; i < 100; ++i) sums.add(1, i % 2 == 0 ? 10 : -9);
  EXPECT_LT(denominator_certainty(sums), 5);
}

TEST(MomentsTest, QuantileNeedsValuesOnBothSides) {
  std::vector<double> values(20);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  EXPECT_EQ(quantile_of(values, 0.5)->value, 9);
  EXPECT_NE(refusal(quantile_of(values, 0.99)), "");
  EXPECT_NE(refusal(quantile_of(values, 1), ErrorCode::invalid_argument), "");
  EXPECT_EQ(refusal(moments_of(QuantileSums{100, 100, 5, 5, 5})), "zero or negative variance");
}

TEST(EffectTest, RefusesWithAReason) {
  EXPECT_EQ(refusal(effect_of({100, 0, 1}, kTreatment, Scale::relative)), "the control mean is 0");
  EXPECT_TRUE(effect_of({100, 0, 1}, kTreatment, Scale::absolute));
  EXPECT_EQ(refusal(effect_of({1, 1, 1}, kTreatment, Scale::absolute)), "fewer than 2 units");
  EXPECT_EQ(refusal(effect_of({9, 1, 0}, kTreatment, Scale::absolute)),
            "zero or negative variance");
  EXPECT_NE(refusal(effect_of({9, kNan, 1}, kTreatment, Scale::absolute),
                    ErrorCode::invalid_argument),
            "");
  for (const double alpha : {0.0, 0.5, -1.0, kNan}) {
    EXPECT_NE(refusal(t_test(some_effect(), {alpha}), ErrorCode::invalid_argument), "");
  }
  EXPECT_EQ(refusal(cuped_effect({}, Scale::relative)), "fewer than 2 units");
}

TEST(EffectTest, CupedWithoutThetaIsThePlainTest) {
  const PairedMoments control{1000, 10, 3, 25, 4, 2};
  const PairedMoments treatment{1200, 10.5, 3, 26, 4, 2};
  for (const Scale scale : {Scale::absolute, Scale::relative}) {
    const Effect plain = some_effect(scale);
    for (const Effect& adjusted : {cuped_effect({control, treatment, 0}, scale).value(),
                                   cuped_ratio_effect({control, treatment, 0}, scale).value()}) {
      EXPECT_NEAR(adjusted.estimate, plain.estimate, 1e-15);
      EXPECT_NEAR(adjusted.variance, plain.variance, 1e-15);
    }
  }
}

TEST(EffectTest, FiellerAgreesWithTheDeltaMethodWhereTheControlIsCertain) {
  const Interval fieller = fieller_interval(kControl, kTreatment, 0.05).value();
  const Interval delta = z_test(some_effect(), {}).value().interval;
  EXPECT_NEAR(fieller.low, delta.low, 2e-3);
  EXPECT_NEAR(fieller.high, delta.high, 2e-3);
  const Moments negative{kControl.count, -kControl.mean, kControl.variance};
  const Moments worse{kTreatment.count, -kTreatment.mean, kTreatment.variance};
  EXPECT_NEAR(fieller_interval(negative, worse, 0.05)->low, -fieller.high, 1e-12);
  EXPECT_NE(refusal(fieller_interval({10, 0.1, 25}, kTreatment, 0.05)), "");
}

TEST(EffectTest, GuardrailStates) {
  Effect effect;
  effect.degrees_of_freedom = 1000;
  effect.variance = 0.001 * 0.001;
  effect.estimate = -0.002;
  EXPECT_EQ(guardrail(effect, {.margin = 0.01})->state, GuardrailState::harmed);
  effect.estimate = -0.001;
  EXPECT_EQ(guardrail(effect, {.margin = 0.01})->state, GuardrailState::safe);
  EXPECT_EQ(guardrail(effect, {.margin = 0.002})->state, GuardrailState::undecided);
  effect.estimate = 0.0;
  EXPECT_EQ(guardrail(effect, {.margin = 0.01, .lower_is_better = true})->state,
            GuardrailState::safe);
  effect.estimate = 0.02;
  EXPECT_EQ(guardrail(effect, {.margin = 0.01, .lower_is_better = true})->state,
            GuardrailState::harmed);
  EXPECT_NE(refusal(guardrail(effect, {.margin = 0}), ErrorCode::invalid_argument), "");
}

TEST(SequentialTest, IntervalTouchesZeroWhereTheMixtureIsAlpha) {
  Effect effect = some_effect(Scale::absolute);
  const UnitVariances variances{kControl.variance, kTreatment.variance};
  effect.estimate += msprt(effect, variances, 0.05)->interval.low * -1;
  EXPECT_NEAR(msprt(effect, variances, 0.05)->p_value, 0.05, 1e-12);
  effect.estimate = sequential_z(effect.count, 0.05, 5000) * effect.standard_error();
  EXPECT_NEAR(confidence_sequence(effect, {})->p_value, 0.05, 1e-12);
  EXPECT_NE(refusal(msprt(some_effect(), variances, 0.05), ErrorCode::invalid_argument), "");
  EXPECT_NE(refusal(msprt(effect, {0, 1}, 0.05), ErrorCode::invalid_argument), "");
  SequentialOptions untuned;
  untuned.tuned_count = 0;
  EXPECT_NE(refusal(confidence_sequence(effect, untuned), ErrorCode::invalid_argument), "");
}

TEST(SequentialTest, IsWiderThanTheFixedTestAndNarrowestWhereTuned) {
  EXPECT_GT(sequential_z(5000, 0.05, 5000), 1.96);
  EXPECT_LT(sequential_z(5000, 0.05, 5000), sequential_z(500, 0.05, 5000));
  EXPECT_LT(sequential_z(5000, 0.05, 5000), sequential_z(50000, 0.05, 5000));
}

TEST(BayesTest, BetaBinomialIsExact) {
  const Posterior posterior = beta_posterior({{118, 100}, {110, 100}, {}}, 0.05).value();
  EXPECT_NEAR(posterior.chance_to_beat, 0.9183406587, 1e-10);
  EXPECT_NEAR(posterior.loss.of_shipping_treatment, 0.0016470279, 1e-10);
  EXPECT_NEAR(posterior.loss.of_keeping_control - posterior.loss.of_shipping_treatment,
              posterior.mean, 1e-12);
  EXPECT_NE(refusal(beta_posterior({{10, 11}, {10, 5}, {}}, 0.05), ErrorCode::invalid_argument),
            "");
  EXPECT_NE(refusal(beta_posterior({{10, 1}, {10, 5}, {0, 1}}, 0.05), ErrorCode::invalid_argument),
            "");
}

TEST(BayesTest, ManySuccessesFallBackToTheNormalLaw) {
  const Posterior large = beta_posterior({{1e7, 1e6}, {1e7, 1.0005e6}, {}}, 0.05).value();
  EXPECT_GT(large.chance_to_beat, 0.5);
  EXPECT_LT(large.chance_to_beat, 1);
}

TEST(BayesTest, PriorIsRescaledToTheEffect) {
  const NormalPrior relative{0.02, 0.01, Scale::relative};
  const NormalPrior absolute{0.2, 1, Scale::absolute};
  const Effect effect = some_effect(Scale::absolute);
  EXPECT_NEAR(normal_posterior(effect, {.prior = relative})->mean,
              normal_posterior(effect, {.prior = absolute})->mean, 1e-12);
  EXPECT_NE(refusal(normal_posterior(effect, {.prior = NormalPrior{0, 0}}),
                    ErrorCode::invalid_argument),
            "");
}

TEST(PowerTest, PlanAndSampleSizeAgree) {
  Plan plan{.mean = 10, .variance = 25, .count_per_arm = 1000, .alpha = 0.05, .tuned_count = {}};
  for (const bool sequential : {false, true}) {
    if (sequential) plan.tuned_count = 5000;
    const double lift = minimum_detectable_lift(plan, 0.8).value();
    EXPECT_NEAR(power(plan, lift).value(), 0.8, 1e-4);
    EXPECT_NEAR(count_per_arm_for(plan, lift, 0.8).value(), 1000, 2);
  }
  EXPECT_NEAR(count_per_arm_absolute({25, 25, 1, 0.05, 0.8}).value(), 392.4, 0.1);
}

TEST(PowerTest, RefusesWithAReason) {
  const Plan plan{.mean = 10, .variance = 25, .count_per_arm = 1, .alpha = 0.05, .tuned_count = {}};
  EXPECT_EQ(refusal(minimum_detectable_lift(plan, 0.8)), "too few units for any lift");
  EXPECT_NE(refusal(minimum_detectable_lift(plan, 0.01), ErrorCode::invalid_argument), "");
  EXPECT_NE(refusal(power({.mean = 0, .variance = 1, .count_per_arm = 9, .alpha = 0.05,
                           .tuned_count = {}},
                          0.1),
                    ErrorCode::invalid_argument),
            "");
  EXPECT_NE(refusal(count_per_arm_for(plan, 0, 0.8), ErrorCode::invalid_argument), "");
  EXPECT_NE(refusal(bayes_minimum_detectable_lift(plan, 0.8, {0, 1e-6, Scale::relative})), "");
  EXPECT_NE(refusal(count_per_arm_absolute({25, 25, 0, 0.05, 0.8}), ErrorCode::invalid_argument),
            "");
  EXPECT_NE(refusal(two_rates_power({.first_rate = 0, .second_rate = 0.5, .sizes = {9, 9}}),
                    ErrorCode::invalid_argument),
            "");
  EXPECT_NE(refusal(two_rates_count({.first_rate = 0.5, .second_rate = 0.5, .sizes = {}}, 0.8, 1),
                    ErrorCode::invalid_argument),
            "");
}

TEST(PowerTest, MidTestSaysWhenThereIsEnough) {
  Progress progress;
  progress.effect = some_effect();
  progress.target_lift = 1;
  EXPECT_EQ(more_data_needed(progress)->factor, 0);
  progress.target_lift = 1e-9;
  EXPECT_NE(refusal(more_data_needed(progress)), "");
  progress.prior = NormalPrior{0, 0, Scale::relative};
  EXPECT_NE(refusal(more_data_needed(progress), ErrorCode::invalid_argument), "");
  progress.prior.reset();
  progress.target_lift = 0;
  EXPECT_NE(refusal(more_data_needed(progress), ErrorCode::invalid_argument), "");
  EXPECT_NEAR(for_metrics({0.05, 0.8}, 2).power, std::sqrt(0.8), 1e-15);
  EXPECT_NEAR(for_metrics({0.05, 0.8}, 2).alpha, 0.025, 1e-15);
}

TEST(ProportionTest, IntervalsHoldAtTheEnds) {
  for (const auto& interval : {wilson_interval({20, 0}, 0.05).value(),
                               clopper_pearson_interval({20, 0}, 0.05).value(),
                               jeffreys_interval({20, 0}, 0.05).value()}) {
    EXPECT_EQ(interval.low, 0);
    EXPECT_GT(interval.high, 0);
    EXPECT_LT(interval.high, 0.25);
  }
  EXPECT_EQ(wilson_interval({20, 20}, 0.05)->high, 1);
  EXPECT_TRUE(newcombe_interval({{20, 0}, {20, 0}}, 0.05)->holds(0));
}

TEST(ProportionTest, RefusesWithAReason) {
  EXPECT_NE(refusal(wilson_interval({0, 0}, 0.05), ErrorCode::invalid_argument), "");
  EXPECT_NE(refusal(jeffreys_interval({5, 6}, 0.05), ErrorCode::invalid_argument), "");
  EXPECT_NE(refusal(two_proportion_test({{5, 0}, {5, 0}})), "");
  EXPECT_NE(refusal(risk_ratio_interval({{5, 0}, {5, 1}}, 0.05)), "");
  EXPECT_NE(refusal(odds_ratio_interval({{5, 5}, {5, 1}}, 0.05)), "");
  const std::array<ProportionSums, 1> one{{{5, 2}}};
  EXPECT_NE(refusal(equal_proportions_test(one), ErrorCode::invalid_argument), "");
}

TEST(ProportionTest, EffectSizes) {
  EXPECT_NEAR(cohen_d({10, 12, 4}, {10, 10, 4}), 1, 1e-15);
}

TEST(CorrectionsTest, KeepOrderAndRefuseWhatIsNoProbability) {
  for (const Correction correction :
       {Correction::none, Correction::bonferroni, Correction::sidak, Correction::holm,
        Correction::holm_sidak, Correction::hochberg, Correction::benjamini_hochberg,
        Correction::benjamini_yekutieli}) {
    const std::array<double, 4> raw{0.04, 0.001, 0.3, 0.04};
    const std::vector<double> made = corrected(raw, correction).value();
    for (std::size_t i = 0; i < raw.size(); ++i) {
      EXPECT_GE(made[i], raw[i]) << to_string(correction);
    }
    EXPECT_EQ(made[0], made[3]);
    EXPECT_LE(made[1], made[0]);
    EXPECT_TRUE(corrected({}, correction)->empty());
    const std::array<double, 2> bad{0.1, kNan};
    EXPECT_NE(refusal(corrected(bad, correction), ErrorCode::invalid_argument), "");
  }
}

TEST(CorrectionsTest, PictureOfNothingIsEverything) {
  const Interval all = picture_interval({0, 1, 0.05});
  EXPECT_TRUE(std::isinf(all.low) && std::isinf(all.high));
}

TEST(CorrectionsTest, FamilyAlphasAddUp) {
  const Family family{.alpha = 0.05, .comparisons = 5, .primary_share = 0.5};
  EXPECT_NEAR(primary_alpha(family) + 4 * secondary_alpha(family), 0.05, 1e-15);
  EXPECT_NEAR(familywise_alpha(family), 0.01, 1e-15);
}

TEST(CorrectionsTest, HeterogeneityFindsTheDimensionThatDiffers) {
  std::vector<Effect> effects(3, some_effect());
  EXPECT_NEAR(heterogeneity(effects)->p_value, 1, 1e-9);
  effects[1].estimate += 10 * effects[1].standard_error();
  EXPECT_LT(heterogeneity(effects)->p_value, 1e-6);
  effects.resize(1);
  EXPECT_NE(refusal(heterogeneity(effects), ErrorCode::invalid_argument), "");
}

TEST(SrmTest, RefusesBadArms) {
  const std::array<SrmArm, 2> negative{{{-1, 1}, {5, 1}}};
  EXPECT_NE(refusal(srm_test(negative), ErrorCode::invalid_argument), "");
  const std::vector<std::vector<SrmArm>> uneven{{{1, 1}, {2, 1}}, {{1, 1}}};
  EXPECT_NE(refusal(srm_test_over_periods(uneven), ErrorCode::invalid_argument), "");
  EXPECT_EQ(srm_test_over_periods({})->p_value, 1);
  const std::array<double, 2> counts{1, 2};
  const std::array<double, 2> none{0, 2};
  EXPECT_NE(refusal(goodness_of_fit(counts, none), ErrorCode::invalid_argument), "");
}

TEST(BanditWeightsTest, NodesIntegrateEvenPowers) {
  double sum = 0;
  double fourth = 0;
  for (const Node& node : gauss_hermite(128)) {
    sum += node.weight;
    fourth += node.weight * std::pow(node.at, 4);
  }
  EXPECT_NEAR(sum, std::sqrt(std::numbers::pi), 1e-12);
  EXPECT_NEAR(fourth, 0.75 * std::sqrt(std::numbers::pi), 1e-12);
}

TEST(BanditWeightsTest, TwoArmsHaveClosedForms) {
  const std::array<ArmBelief, 2> arms{{{1, 0.5}, {1.4, 0.7}}};
  const std::vector<double> best = best_arm_probabilities(arms, Better::higher).value();
  EXPECT_NEAR(best[1], normal_cdf(0.4 / std::hypot(0.5, 0.7)), 1e-9);
  const std::vector<double> two = top_two_probabilities(arms, Better::lower).value();
  EXPECT_NEAR(two[0], 0.5, 1e-9);
  const std::array<BetaLaw, 2> rates{{{19, 101}, {11, 101}}};
  const std::vector<double> best_rate = best_rate_probabilities(rates, Better::higher).value();
  EXPECT_NEAR(best_rate[0], chance_above(rates[0], rates[1]), 1e-5);
}

TEST(BanditWeightsTest, TopTwoTakesTheTwoLowestWhenLowerIsBetter) {
  const std::array<ArmBelief, 3> arms{{{0, 0.1}, {0.05, 0.1}, {5, 0.1}}};
  const std::vector<double> two = top_two_probabilities(arms, Better::lower).value();
  EXPECT_NEAR(two[0] + two[1], 1, 1e-9);
  EXPECT_NEAR(two[2], 0, 1e-9);
}

TEST(BanditWeightsTest, RefuseWithAReason) {
  EXPECT_EQ(refusal(arm_belief({99, 1, 1})), "fewer than 100 units");
  EXPECT_EQ(refusal(arm_belief({200, 1, 0})), "zero or negative variance");
  EXPECT_NE(refusal(best_arm_probabilities({}, Better::higher), ErrorCode::invalid_argument), "");
  const std::array<ArmBelief, 1> one{{{0, 1}}};
  EXPECT_NE(refusal(top_two_probabilities(one, Better::higher), ErrorCode::invalid_argument), "");
  const std::array<BetaLaw, 1> bad{{{0, 1}}};
  EXPECT_NE(refusal(best_rate_probabilities(bad, Better::higher), ErrorCode::invalid_argument), "");
  EXPECT_NE(refusal(over_periods({}), ErrorCode::invalid_argument), "");
}

TEST(BanditWeightsTest, PeriodsAreWeightedByTheirUnits) {
  const std::array<PeriodEffect, 2> periods{{{100, 0.1, 0.01}, {300, 0.2, 0.04}}};
  const PeriodEffect all = over_periods(periods).value();
  EXPECT_NEAR(all.estimate, 0.175, 1e-15);
  EXPECT_NEAR(all.variance, 0.0625 * 0.01 + 0.5625 * 0.04, 1e-15);
}

TEST(ShrinkageTest, RefusesWithAReason) {
  std::vector<Effect> effects(2, some_effect());
  EXPECT_EQ(refusal(fitted_prior(effects)), "fewer than 3 finished tests");
  effects.resize(3, some_effect());
  EXPECT_EQ(fitted_prior(effects)->variance, 0);
  EXPECT_NEAR(shrunk(some_effect(), fitted_prior(effects).value(), 0.05)->estimate,
              some_effect().estimate, 1e-12);
  effects[0].variance = 0;
  EXPECT_NE(refusal(fitted_prior(effects), ErrorCode::invalid_argument), "");
  Effect weak = some_effect();
  weak.estimate = weak.standard_error();
  EXPECT_EQ(refusal(corrected_for_selection(weak, 0.05)), "the effect is not significant");
}

TEST(ShrinkageTest, StrongEffectsAreHardlyCorrected) {
  Effect strong = some_effect();
  strong.estimate = -10 * strong.standard_error();
  const ShrunkEffect made = corrected_for_selection(strong, 0.05).value();
  EXPECT_NEAR(made.kept, 1, 1e-6);
  EXPECT_LT(made.interval.low, strong.estimate);
  EXPECT_GT(made.interval.high, strong.estimate);
}

}  // namespace
}  // namespace attune::experiment
